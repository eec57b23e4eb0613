import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deltanas.compare.outputs import write_outputs
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.results import SCHEMA
from deltanas.compare.sooner import in_words, sooner
from deltanas.compare.summary import comparison, overall, rows, verdicts
from deltanas.compare.tables import as_csv, markdown

OPTIMUM = 0.9


@pytest.fixture
def results(tmp_path):
    """Two methods, 12 seeds, budget 20: `good` finds the optimum at query 3 + seed % 3."""
    records = []
    for seed in range(12):
        for method in ("good", "bad"):
            best = 0.0
            found = 3 + seed % 3 if method == "good" else 99
            for query in range(1, 21):
                mean = OPTIMUM if query == found else 0.8 + 0.001 * query
                best = max(best, mean)
                record = {
                    "benchmark": "b:x",
                    "method": method,
                    "seed": seed,
                    "query": query,
                    "architecture": f"a{query}",
                    "value": mean,
                    "mean": mean,
                    "regret": OPTIMUM - best,
                    "test": best - 0.01,
                    "seconds": 0.0 if query <= 2 else 0.25,
                    "repeats": 0,
                }
                records.append(record)
                if method == "good" and query == found:
                    break  # ended at the optimum
    levels = {"b:x": {"optimum": OPTIMUM, "top 0.1 %": 0.89, "top 1 %": 0.81}}
    head = {
        "budget": "20",
        "starts": "2",
        "signal": "mean",
        "identity": "raw",
        "levels": json.dumps(levels),
    }
    path = tmp_path / "results.parquet"
    pq.write_table(pa.Table.from_pylist(records, schema=SCHEMA.with_metadata(head)), path)
    return path


def test_rows_by_hand(results):
    good, bad = rows(comparison(results))
    assert (good.method, bad.method) == ("good", "bad")
    # Queries 3, 4, 5 four times each.
    assert good.queries["optimum"].mean == 4.0
    assert good.median_to_optimum == 4.0
    assert good.censored["optimum"] == 0
    assert bad.queries["optimum"].mean == 20.0
    assert bad.censored == {"optimum": 12, "top 0.1 %": 12, "top 1 %": 0}
    # .8 + .001 q reaches .81 at q = 10.
    assert bad.queries["top 1 %"].mean == 10.0
    assert bad.seconds == 0.25
    assert bad.regret[20].mean == pytest.approx(0.9 - 0.82)
    assert bad.test.mean == pytest.approx(0.81)


def test_a_run_that_ended_at_the_optimum_stays_there(results):
    good = comparison(results).curves["b:x", "good"]
    assert good.regret.shape == (12, 20)
    assert good.regret[:, 5:].tolist() == np.zeros((12, 15)).tolist()


def test_verdicts_say_who_is_worse(results):
    (verdict,) = verdicts(comparison(results), "good")
    assert (verdict.peer, verdict.budget, verdict.words) == ("bad", 20, "worse")
    assert verdict.difference == pytest.approx(0.08)
    assert verdict.p_value < 0.01
    (other,) = verdicts(comparison(results), "bad")
    assert other.words == "better"
    with pytest.raises(ComparisonError, match="no runs of 'best' .* good, bad"):
        verdicts(comparison(results), "best")


def test_ranks_over_paired_seeds(results):
    found = overall(comparison(results))
    assert found.mean == {"good": 1.0, "bad": 2.0}
    assert found.blocks == 12


def test_tables_show_points_and_censoring(results):
    page = markdown(comparison(results), "good")
    assert "| b:x | bad | 12 | 20.0 [20.0, 20.0] 12/20+ |" in page
    assert "8.000 [8.000, 8.000]" in page
    assert "Tests against good" in page
    lines = as_csv(comparison(results)).splitlines()
    assert lines[0] == "benchmark,method,figure,mean,low,high,censored,runs"
    assert "b:x,bad,queries to optimum,20.0,20.0,20.0,12,12" in lines


def test_outputs_are_files_and_the_same_every_time(results):
    files = write_outputs(comparison(results), results.parent, "good")
    names = {path.name for path in files}
    assert names == {
        *("table.md", "table.csv"),
        *("regret.png", "regret.svg", "ranks.png", "ranks.svg"),
    }
    before = (results.parent / "regret.svg").read_bytes()
    write_outputs(comparison(results), results.parent, "good")
    assert (results.parent / "regret.svg").read_bytes() == before


def test_without_a_table_regrets_count_from_a_better_one_found(results):
    table = pq.read_table(results)
    head = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    # Somebody knew .87 before; `good` found .9, so that regrets noted were .03 too small.
    levels = {"b:x": {"optimum": 0.87, "top 0.1 %": 0.86, "top 1 %": 0.81}}
    place = table.column_names.index("regret")
    noted = pa.array([value - 0.03 for value in table["regret"].to_pylist()])
    changed = table.set_column(place, "regret", noted)
    names = {"levels": json.dumps(levels), "references": json.dumps({"b:x": "best known (luck)"})}
    pq.write_table(changed.replace_schema_metadata({**head, **names}), results)
    found = comparison(results)
    assert found.levels["b:x"]["optimum"] == pytest.approx(OPTIMUM)
    good, bad = rows(found)
    assert good.regret[20].mean == pytest.approx(0.0, abs=1e-12)
    assert bad.regret[20].mean == pytest.approx(0.08)
    assert good.queries["optimum"].mean == 4.0
    page = markdown(found, "good")
    assert "b:x is no table but a model: its optimum is the best found by these runs" in page
    # Nobody better than .87 here: what was known stays.
    names["levels"] = json.dumps({"b:x": {**levels["b:x"], "optimum": 0.95}})
    pq.write_table(changed.replace_schema_metadata({**head, **names}), results)
    same = comparison(results)
    assert same.levels["b:x"]["optimum"] == 0.95
    assert "its optimum is the best known (luck)" in markdown(same, "good")


def test_many_benchmarks_are_drawn_in_rows(results):
    found = comparison(results)
    curves = {
        (f"b:{number}", method): found.curves["b:x", method]
        for number in range(6)
        for method in found.methods
    }
    levels = {f"b:{number}": found.levels["b:x"] for number in range(6)}
    write_outputs(replace(found, curves=curves, levels=levels), results.parent, "good")
    picture = ET.parse(results.parent / "regret.svg").getroot()  # noqa: S314 - our own
    # Four panels of 4.6 inches beside each other, two rows; 72 points an inch.
    assert picture.get("width") == f"{4 * 4.6 * 72:g}pt"
    assert picture.get("height") == f"{2 * 4.6 * 72:g}pt"
    text = (results.parent / "ranks.svg").read_text()
    assert "over 6 tasks" in text


def test_how_much_sooner_by_hand(results):
    # After 20, `bad` is at .9 - .82. `good` is at .098 after two queries; after three a third of
    # its runs is at the optimum, the others at .097: .065 on average.
    found = comparison(results)
    (line,) = sooner(found, "good")
    assert (line.benchmark, line.peer, line.at, line.needed) == ("b:x", "bad", 20, 3)
    assert line.regret == pytest.approx(0.08)
    assert in_words([line], "good") == (
        "On 1 of 1 benchmarks good needs half the queries or fewer to get where the best of the "
        "others is after 20."
    )
    assert "| b:x | bad | 8.000 | 3 |" in markdown(found, "good")


def test_who_never_gets_where_others_are_is_not_sooner(results):
    found = comparison(results)
    (line,) = sooner(found, "bad")
    assert (line.peer, line.needed, line.is_half) == ("good", None, False)
    assert "| b:x | good | 0.000 | more than 20 |" in markdown(found, "bad")


def test_nobody_is_sooner_than_nobody(results):
    found = comparison(results)
    alone = replace(found, curves={("b:x", "good"): found.curves["b:x", "good"]})
    assert sooner(alone, "good") == []
    assert "How much sooner" not in markdown(alone, "good")
