"""The proposal for a record that is kept: what the records merged into it add."""

from __future__ import annotations

from dedup.report.proposal.propose import Finding, Proposal, propose
from dedup.report.proposal.side import Full

__all__ = ["Finding", "Full", "Proposal", "propose"]
