"""The pipeline of a file."""

import pickle
import warnings

import joblib
from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning, NotFittedError
from sklearn.utils.validation import check_is_fitted

from labelstream_export.errors import ExportError


def load_pipeline(file):
    """Unpickles a pipeline, which runs code of the file. Returns it and notes about it.

    Raises ExportError where the file holds no fitted pipeline that classifies.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InconsistentVersionWarning)
        pipeline = _unpickled(file)
    if not isinstance(pipeline, BaseEstimator):
        raise ExportError(
            f"{file} holds a {type(pipeline).__name__}, and should hold a fitted pipeline: joblib.dump(pipeline, {str(file)!r})"
        )
    name = type(pipeline).__name__
    try:
        check_is_fitted(pipeline)
    except NotFittedError as error:
        raise ExportError(f"{file}: the {name} is not fitted; save it after fit()") from error
    if not hasattr(pipeline, "predict"):
        raise ExportError(
            f"{file}: the {name} has no predict(); save the whole pipeline, with its classifier"
        )
    saved = [w.message for w in caught if isinstance(w.message, InconsistentVersionWarning)]
    notes = {
        f"saved by scikit-learn {w.original_sklearn_version}, loaded by {w.current_sklearn_version}"
        for w in saved
    }
    return pipeline, sorted(notes)


def _unpickled(file):
    try:
        return joblib.load(file)
    except FileNotFoundError as error:
        raise ExportError(f"{file} not found") from error
    except (ModuleNotFoundError, AttributeError) as error:
        raise ExportError(
            f"{file} needs code of yours that is not here: {error}; save pipelines of scikit-learn's own parts"
        ) from error
    except (
        pickle.UnpicklingError,
        OSError,
        EOFError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        ImportError,
    ) as error:
        raise ExportError(f"{file} is no pipeline saved by joblib.dump or pickle.dump: {error}") from error
