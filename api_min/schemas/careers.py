"""Paths of career pages: each part begins with a number, and goes on with words that anybody may change."""

from pydantic import BaseModel, Field


class CompanyPath(BaseModel):
    company: str = Field(description="`{company_id}-{slug}`; the number alone will do.")


class OfferPath(CompanyPath):
    offer: str = Field(description="`{job_id}-{slug}`; the number alone will do.")
