"""The tabs of the area Review."""

from django.utils.translation import gettext_lazy as _

from studio.web.areas import Tab

TABS = (
    Tab("review:index", _("Queue"), "review.view"),
    Tab("review:recent", _("My reviews"), "review.view"),
    Tab("review:card", _("My card"), "review.view"),
    Tab("review:disputes", _("Disputes"), "review.adjudicate"),
    Tab("review:questions", _("Questions"), "review.adjudicate"),
    Tab("review:people", _("Reviewers"), "review.manage"),
    Tab("review:manage", _("Manage"), "review.manage"),
    Tab("judges:index", _("Judges"), "judgements.view"),
    Tab("judges:agreement", _("Agreement"), "judgements.view"),
    Tab("rubrics:index", _("Rubrics"), "rubrics.view"),
)
