"""Who has signed in."""

from pydantic import BaseModel


class Session(BaseModel):
    user_id: int
    role: str
