"""The words of the reports."""

from suizhou_geo.assessment.words import speaker

say = speaker("report")
