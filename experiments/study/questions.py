"""What a reader wants to know of the whole, answered for networks of any length of training."""

from typing import NamedTuple


class Question(NamedTuple):
    """One question, its answer in plain words, and where the numbers are."""

    text: str
    answer: str
    """True of any run, as the committed results of long trainings are."""
    chapter: str
    """Name of the chapter that has the numbers of this run."""


QUESTIONS = (
    Question(
        "What does lambda do?",
        "It sets the price of information in the code. At a large lambda the code is not worth its price: it says "
        "nothing, and every configuration comes back as the mean of all. As lambda falls the code says more and the "
        "error falls with it, until the training or the number of latents is what limits it, and lambda no longer "
        "matters.",
        "lambda_sweep",
    ),
    Question(
        "Why does the network lose to principal components?",
        "Because it is hardly trained. Principal components are computed outright, and are the best linear code there "
        "is; a network comes near them in some hundreds of steps, waits there for thousands, and only then finds the "
        "curved code that distances need. After 50,000 steps its error is several times smaller than that of as many "
        "principal components, and still falls (experiments/lambda_sweep).",
        "lambda_sweep",
    ),
    Question(
        "What does zero decode to?",
        "To no configuration, where a network gives distances. After a short training to about the mean of all "
        "matrices, for codes are centred there and decoding is nearly linear; but the mean of many matrices of "
        "distances belongs to no points in a plane. After a long training to a matrix of its own, in which particles "
        "still overlap (experiments/latent_probes).",
        "latent_probes",
    ),
    Question(
        "Which anomalies are noticed, and which are not?",
        "Uniform points and the soft fluid already by their plain energy. An unseen gravity by the sum of heights, "
        "which holds all there is to know about it; nothing learned is better. Displaced particles only in part, even "
        "by the exact likelihood ratio, and nearly as well by a density that is asked of each particle. The error of "
        "the study's network takes the soft fluid for more normal than the real one and does not see displaced "
        "particles, however long it is trained; uniform points it sees only after a long training "
        "(experiments/anomalies).",
        "anomalies",
    ),
    Question(
        "How far from perfect is the best model?",
        "A perfect density costs no more nats than the fluid's entropy. The model called best is about one above it "
        "after three minutes of training, where one Gaussian for each gamma is more than forty above, and has not "
        "converged there (experiments/train). It is given the pair energy, and it is no bottleneck: with as many "
        "latents as coordinates it keeps everything. Codes with the plain prior N(0, I) stay tens of nats above "
        "Shannon's bound.",
        "generation",
    ),
)
