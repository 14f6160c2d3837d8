"""One run in several processes: process 0 runs the experiment, the others do what it shares out."""

from .group import call_in_every_process as call_in_every_process
from .group import dismiss as dismiss
from .group import is_helper as is_helper
from .group import join as join
from .group import num_processes as num_processes
from .group import serve as serve
from .group import shared as shared
from .place import Place as Place
from .place import place_of as place_of
