"""The answer of networks in several particle orders."""

from lcpjax.report.answer import Answer, Summary, doubts_first, key_number, number, of_quantity

_MODEL, _LINEAR = "reconstruction/distance_mse_sigma2", "reconstruction/linear_pca_distance_mse_sigma2"


def answer(summary: Summary) -> Answer:
    """What the order does to linear PCA and to the networks; all are means over seeds."""
    models, linear = of_quantity(summary, _MODEL), of_quantity(summary, _LINEAR)
    compared = [name for name in models if name in linear]
    best = min(compared, key=models.__getitem__)
    network = best.rpartition("-")[0]
    own = {name: value for name, value in linear.items() if name.rpartition("-")[0] == network}
    low, high = min(own, key=own.__getitem__), max(own, key=own.__getitem__)
    better = sum(models[name] < linear[name] for name in compared)
    sentence = (
        f"the particle order moves the distance MSE of linear PCA from {number(own[high])} ({_order(high)}) to "
        f"{number(own[low])} sigma² ({_order(low)}); the best network ({network.replace('_', ' ')}, {_order(best)}) "
        f"has {number(models[best])}, linear PCA in its place {number(linear[best])}; {better} of {len(compared)} "
        "networks are below linear PCA (means over seeds)"
    )
    numbers = key_number(summary, f"{_MODEL}/{best}", linear[best], "linear PCA in the same order")
    study = "convolutional-height"
    if study in compared and study != best:
        numbers += key_number(summary, f"{_MODEL}/{study}", linear[study], "linear PCA in the same order")
    return Answer(doubts_first(summary, sentence), numbers)


def _order(name: str) -> str:
    order = name.rpartition("-")[2]
    return "no order" if order == "none" else f"{order} order"
