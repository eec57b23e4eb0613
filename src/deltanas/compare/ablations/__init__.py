"""Delta-NAS with one part taken away or replaced: what is that part worth?

Every ablation is the same evolution (`search/delta_evolution.py`) with another predictor, so
that budget, starts, breeding and the choice by expected improvement stay what they are.
"""
