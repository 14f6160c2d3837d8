import pytest

from lcpjax.errors import InputError
from lcpjax.runtime.processes import Place, place_of

STEP = {
    "SLURM_JOB_ID": "71",
    "SLURM_STEP_ID": "2",
    "SLURM_STEP_NODELIST": "gpu[07-08]",
    "SLURM_STEP_NUM_NODES": "2",
    "SLURM_NTASKS": "8",
    "SLURM_PROCID": "5",
}
EXPLICIT = ("explicit", "node1:9000", 4, 3, 50.0)


def test_without_being_asked_for_a_run_has_one_process_even_in_a_slurm_job():
    assert place_of("off", None, None, None, 50.0, STEP) is None


def test_auto_takes_the_place_from_a_slurm_step():
    place = place_of("auto", None, None, None, 50.0, STEP)
    assert (place.index, place.count, place.host) == (5, 8, "gpu07")
    others = [place_of("auto", None, None, None, 50.0, {**STEP, "SLURM_PROCID": str(index)}) for index in range(8)]
    assert {each.port for each in others} == {place.port}
    next_step = place_of("auto", None, None, None, 50.0, {**STEP, "SLURM_STEP_ID": "3"})
    # Each takes two ports.
    assert abs(next_step.port - place.port) >= 2


def test_explicit_keys_are_the_place():
    assert place_of(*EXPLICIT, {}) == Place(3, 4, "node1", 9000, 50.0)
    assert place_of("explicit", "[fe80::7]:9000", 4, 3, 50.0, {}).host == "fe80::7"


@pytest.mark.parametrize(
    ("keys", "environment", "complaint"),
    [
        (("auto", None, None, None), {}, "no step of a Slurm job here (SLURM_JOB_ID is not set); start it with srun"),
        (
            ("auto", "node1:9000", None, None),
            STEP,
            "device.coordinator = node1:9000: is read with device.distributed=e",
        ),
        (
            ("off", None, 2, None),
            {},
            "device.num_processes = 2: is read with device.distributed=explicit only, not off",
        ),
        (("explicit", "node1:9000", None, 0), {}, "device.num_processes: device.distributed=explicit needs a value"),
        (("explicit", "node1", 2, 0), {}, "device.coordinator = node1: must be HOST:PORT, the port from 1 to 65534"),
        (("explicit", "node1:65535", 2, 0), {}, "the port from 1 to 65534"),
        (("explicit", "node1:9000", 2, 2), {}, "device.process = 2: with device.num_processes=2 from 0 to 1"),
    ],
)
def test_keys_that_do_not_go_together_are_refused_in_one_line(keys, environment, complaint):
    with pytest.raises(InputError) as refused:
        place_of(*keys, 50.0, environment)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.0.1.1", "::1", "0.0.0.0", "LOCALHOST"])
def test_a_loopback_name_is_refused_where_a_job_has_several_hosts_and_only_there(name):
    keys = ("explicit", f"{name}:9000", 2, 0, 50.0)
    for variable in ("SLURM_JOB_NUM_NODES", "OMPI_MCA_orte_num_nodes"):
        with pytest.raises(InputError, match="means each host itself, and this job has 3 hosts"):
            place_of(*keys, {variable: "3"})
        assert place_of(*keys, {variable: "1"}).host == name
    assert place_of("explicit", "node127:9000", 2, 0, 50.0, {"SLURM_JOB_NUM_NODES": "3"}).host == "node127"
