"""Names of metrics and of tables' columns, as people read them: a label and a unit."""

from .quantity import Quantity as Quantity
from .quantity import axis_label as axis_label
from .quantity import quantity_of_column as quantity_of_column
from .quantity import quantity_of_metric as quantity_of_metric
from .quantity import short as short
from .stages import title_of_stage as title_of_stage
