"""Two colleagues and one application: they write at once, one mentions the other, both see who changed what."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from sandbox.demo.emails import applicants, recruiter
from sandbox.demo.main_app import hire
from sandbox.demo.scene import Scene, Step, StepFailed, expect

NOTES = 20
SCORES = {"technical_skills": 4, "soft_skills": 5, "culture_fit": 4, "experience": 5, "communication": 5}
MEAN = 4.6


def write_at_once(scene: Scene) -> str:
    """Half of the notes each, all at the same moment."""
    first = recruiter(scene)
    second = hire(scene, first.user_id)
    path = f"/api/applications/{applicants(scene)[0]['id']}"
    people = [(first.headers, number) for number in range(0, NOTES, 2)]
    people += [(second.headers, number) for number in range(1, NOTES, 2)]

    def write(headers: Mapping[str, str], number: int) -> None:
        expect(scene.call("POST", f"{path}/notes", json={"note": f"Remarque {number}"}, headers=headers), 201)

    with ThreadPoolExecutor(NOTES) as pool:
        list(pool.map(lambda each: write(*each), people))
    kept = expect(scene.call("GET", f"{path}/notes", headers=first.headers), 200).json()
    if len({each["note"] for each in kept if each["note"].startswith("Remarque")}) != NOTES:
        raise StepFailed(f"{len(kept)} notes are there after {NOTES} were written at once.")
    mention(scene, path, first.headers, second.headers)
    return f"{NOTES} notes written at once are {NOTES} notes; who was mentioned was told, and nobody else"


def mention(scene: Scene, path: str, author: Mapping[str, str], colleague: Mapping[str, str]) -> None:
    """The page offers the colleague's name, and the note with it reaches his bell."""
    told = unread(scene, colleague)
    found = expect(scene.call("GET", f"{path}/collaboration/colleagues?search=Rose", headers=author), 200).json()
    note = {"note": f"{found[0]['mention']}, qu’en penses-tu ?"}
    made = expect(scene.call("POST", f"{path}/notes", json=note, headers=author), 201).json()
    if [each["user_id"] for each in made["mentions"]] != [found[0]["user_id"]]:
        raise StepFailed(f"The note {note} mentions {made['mentions']}.")
    if unread(scene, colleague) != told + 1:
        raise StepFailed("Who was mentioned was not told.")


def unread(scene: Scene, headers: Mapping[str, str]) -> int:
    answer = expect(scene.call("GET", "/api/notifications/unread-count", headers=headers), 200)
    count: int = answer.json()["unread_count"]
    return count


def judge(scene: Scene) -> str:
    """The mean is computed, and the history names who gave the scores."""
    person = recruiter(scene)
    path = f"/api/applications/{applicants(scene)[0]['id']}"
    answer = scene.call("PATCH", f"{path}/scorecard", json=SCORES, headers=person.headers)
    card = expect(answer, 200).json()["scorecard"]
    if card["overall"] != MEAN or card["average"] != MEAN:
        raise StepFailed(f"The scorecard’s mean is not {MEAN}: {card}")
    expect(scene.call("POST", f"{path}/tags/Profil%20senior", headers=person.headers), 200)
    [tagged, scored] = expect(scene.call("GET", f"{path}/history?limit=2", headers=person.headers), 200).json()
    if (tagged["kind"], scored["kind"], scored["user_id"]) != ("tags", "scorecard", person.user_id):
        raise StepFailed(f"The history tells of {tagged} and {scored}.")
    return f"overall {card['overall']} of five criteria, tagged “{tagged['after'][-1]}”; the history says by whom"


STEPS: Sequence[Step] = (
    Step("Two colleagues, one application", write_at_once),
    Step("A scorecard and its history", judge),
)
