"""What a figure shows, read back from it."""


def open_points(axes):
    """Places of its open markers, without those of the legend."""
    return [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in axes.lines
        if len(line.get_xdata()) == 1 and line.get_markerfacecolor() == "white"
    ]


def labels_of(figure):
    """All texts of legends, of the figure and of its axes."""
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend())]
    return {text.get_text() for legend in legends for text in legend.get_texts()}


def texts_of(figure):
    """All texts inside axes, of titles and of ticks."""
    found = []
    for axes in figure.axes:
        found += [text.get_text() for text in axes.texts]
        found += [axes.get_title(), axes.get_title("left"), axes.get_xlabel(), axes.get_ylabel()]
        found += [text.get_text() for text in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    return found
