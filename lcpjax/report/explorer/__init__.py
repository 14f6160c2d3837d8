"""explorer.html: a trained model to play with, its networks run by the page itself."""

from .networks import check_model as check_model
from .operations import ExplorerError as ExplorerError
from .page import write_explorer as write_explorer
from .real_configurations import RealConfigurations as RealConfigurations
