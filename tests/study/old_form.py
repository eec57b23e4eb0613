"""Studies of several objectives as they were stored before trials had a value for each."""

import optuna
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import create_trial

from deltanas.study.opening import DESCRIPTION
from deltanas.study.values import METRIC_NAMES


def copy_in_old_form(source, target):
    """Store a study anew, by Optuna's means alone: one direction, and accuracy as the value."""
    study = optuna.load_study(study_name="deltanas", storage=f"sqlite:///{source}")
    storage = RDBStorage(f"sqlite:///{target}")
    number = storage.create_new_study([StudyDirection.MAXIMIZE], "deltanas")
    storage.set_study_system_attr(number, METRIC_NAMES, ["accuracy"])
    description = {**study.user_attrs[DESCRIPTION], "format": 1}
    storage.set_study_user_attr(number, DESCRIPTION, description)
    for trial in study.trials:
        old = create_trial(
            state=trial.state,
            value=None if trial.values is None else trial.values[0],
            params=trial.params,
            distributions=trial.distributions,
            user_attrs=trial.user_attrs,
        )
        storage.create_new_trial(number, old)
    storage.engine.dispose()
    return target
