"""An application is scored, the candidate sees why the offer suits him, and both follow what he learns."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.demo.emails import applicants, recruiter
from sandbox.demo.main_app import SignedIn, signed_in
from sandbox.demo.scene import Scene, Step, StepFailed, expect
from worker.kit.database import execute, query

SCORES = "/api/ai-scoring"
FORMULA = "deterministic-1"
LEARNT = "Ansible"
CANDIDATE = """
    select u.id, u.email, c.id as candidate_id, a.job_id from job_applications a
      join candidates c on c.id = a.candidate_id join users u on u.id = c.user_id where a.id = %s
"""
# As the main web app writes what an employer asks for and a candidate knows.
ASK = "update jobs set profil_competences = 'Kubernetes, Terraform, Ansible', updated_at = now() where id = %s"
LEARN = """
    insert into skills (candidate_id, name, level, category, created_at, updated_at)
    values (%s, %s, 4, 'TECHNICAL', now(), now())
"""


def score(scene: Scene) -> str:
    """Claude scores the pair; the list shows the same number."""
    application, candidate = applied(scene)
    write(scene, ASK, candidate["job_id"])
    for skill in ("Kubernetes", "Terraform"):
        write(scene, LEARN, candidate["candidate_id"], skill)
    person = recruiter(scene)
    found = scored(scene, person, application)
    skills = found["ai_score_details"]["skills_match"]
    if found["model"] == FORMULA or "Kubernetes" not in skills["matched"] or LEARNT not in skills["missing"]:
        raise StepFailed(f"Claude was not asked, or overlooked what is missing: {found}")
    path = f"{SCORES}/scored-applications/{candidate['job_id']}?limit=100"
    listed = expect(scene.call("GET", path, headers=person.headers), 200).json()["applications"]
    if [each["ai_score"] for each in listed if each["id"] == application] != [found["ai_score"]]:
        raise StepFailed(f"The list shows another score than {found['ai_score']}.")
    return f"{found['model']}: {found['ai_score']:g} of 100, {LEARNT} is missing; the list shows the same number"


def recommend(scene: Scene) -> str:
    """What the candidate learns counts at once, in his list and in the recruiter's."""
    application, candidate = applied(scene)
    headers = signed_in(scene, candidate, "candidate")
    before = next((each for each in matches(scene, headers) if each["match_reasons"] and each["missing_skills"]), None)
    if before is None:
        raise StepFailed("No offer is recommended with a reason and with what is missing.")
    wanted = before["missing_skills"][0]
    for skill in (wanted, LEARNT):
        write(scene, LEARN, candidate["candidate_id"], skill)
    after = next((each for each in matches(scene, headers) if each["job_id"] == before["job_id"]), None)
    again = scored(scene, recruiter(scene), application)
    if after is None or wanted in after["missing_skills"]:
        raise StepFailed(f"{wanted} was learnt and is still missing: {after}")
    if LEARNT in again["ai_score_details"]["skills_match"]["missing"]:
        raise StepFailed(f"{LEARNT} was learnt and is still missing: {again}")
    return (
        f"“{before['job_title']}”: “{before['match_reasons'][0]}”; {wanted} and {LEARNT} were learnt and count at once"
    )


def applied(scene: Scene) -> tuple[int, Mapping[str, Any]]:
    """The last application of the recruiter's company, and who made it."""
    number = int(applicants(scene)[-1]["id"])
    with scene.database.transaction() as connection:
        return number, query(connection, CANDIDATE, (number,))[0]


def write(scene: Scene, sql: str, *values: Any) -> None:
    with scene.database.transaction() as connection:
        execute(connection, sql, values)


def scored(scene: Scene, person: SignedIn, application: int) -> Mapping[str, Any]:
    body = {"application_id": application}
    answer: Mapping[str, Any] = expect(
        scene.call("POST", f"{SCORES}/score-application", json=body, headers=person.headers), 200
    ).json()
    return answer


def matches(scene: Scene, headers: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = expect(
        scene.call("GET", f"{SCORES}/candidate/job-matches?limit=20", headers=headers), 200
    ).json()["matches"]
    return found


STEPS: Sequence[Step] = (
    Step("A score that says why", score),
    Step("Recommended for you", recommend),
)
