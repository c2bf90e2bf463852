"""Studies: every study of five student reports in one click."""

from playground.ui.labs.study_page import StudyPage, study_page

PAGE = StudyPage(key="studies", title="Studies")

if __name__ == "__main__":
    study_page(PAGE)
