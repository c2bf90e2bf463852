"""What the stage's end of the wire keeps: what has been sent, and what was done while the connection was lost."""

from tests.browser.live import Live

OPEN = "root => root.__stage.wire.open"
TOLD = "root => { const { wire } = root.__stage; return wire.open && !wire.waiting.length && !wire.unsent.length; }"
# As many deeds as a person does in an hour without a network: more than one message may hold.
MANY = """root => {
    const { wire } = root.__stage;
    wire.drop();
    for (let i = 1; i <= 150; i++) wire.act({ kind: "bias", column: 0, to: 0, value: i / 100 });
    wire.start();
}"""
# Drawings that had left and were not answered: all of them together are larger than a message may be.
LARGE = """root => {
    const { wire } = root.__stage;
    wire.drop();
    const stroke = Array.from({ length: 1900 }, (_, i) => [Math.round(1e4 * Math.abs(Math.sin(i))) / 1e4, i / 2000]);
    for (let i = 0; i < 12; i++) {
        wire.act({ kind: "ink", strokes: [stroke] });
        wire.unsent = [];
    }
    wire.start();
}"""
# The names of what the stage has put together: of the header, of the arrays, of the table of their shapes.
KEPT = """root => {
    const { header, arrays } = root.__stage.wire.known;
    return [header, arrays, header.arrays].map((one) => Object.keys(one).sort());
}"""


def evaluated(live: Live, script: str):
    return live.stage.evaluate(script)


def told(live: Live, number: int) -> None:
    live.wait(lambda: evaluated(live, TOLD))
    assert evaluated(live, "root => root.__stage.wire.known.header.acted") == number


def test_many_deeds_are_told_in_several_messages(opened):
    live = opened("moons")
    live.wait(lambda: evaluated(live, OPEN))
    evaluated(live, MANY)
    told(live, 150)
    assert evaluated(live, "root => root.__stage.frame.arrays.bias0[0]") == 1.5


def test_of_many_drawings_the_last_is_told(opened):
    live = opened("digits")
    live.wait(lambda: evaluated(live, OPEN))
    evaluated(live, LARGE)
    told(live, 12)
    assert evaluated(live, "root => root.__stage.frame.header.pad.points") == 1900


def test_what_is_kept_is_what_a_new_socket_is_sent(opened):
    """Through every view of a page of pictures, whose arrays come and go."""
    live = opened("digits")
    live.wait(lambda: evaluated(live, OPEN))
    for number, view in enumerate(("mistakes", "histograms", "embedding", "overview"), 1):
        evaluated(live, f"root => root.__stage.act({{ kind: 'view', view: '{view}' }})")
        told(live, number)
        kept = evaluated(live, KEPT)
        assert kept[1] == kept[2]
        evaluated(live, "root => { root.__stage.wire.drop(); root.__stage.wire.start(); }")
        live.wait(lambda: evaluated(live, "root => Boolean(root.__stage.wire.known.header.id)"))
        assert evaluated(live, KEPT) == kept
