"""URLs of the area Review. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.review.adjudicate import adjudications_list, reopen_dispute, settle
from studio.web.review.forecast import forecast_fragment
from studio.web.review.gold import gold_item, gold_list
from studio.web.review.index import claim, index, recent
from studio.web.review.item import body, decline, item, later, resume, save, seal, undo
from studio.web.review.manage import give, manage, new, queue, reopen
from studio.web.review.people import card, people
from studio.web.review.sealed import revise, sealed
from studio.web.review.send import add, send_episode, send_run
from studio.web.review.worksheets import note_add, note_close, questions, worksheet, worksheet_file

app_name = "review"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("next/", claim, name="next"),
    path("recent/", recent, name="recent"),
    path("card/", card, name="card"),
    path("people/", people, name="people"),
    path("disputes/", adjudications_list, name="disputes"),
    path("disputes/<int:item_id>/", settle, name="settle"),
    path("disputes/settled/<int:adjudication_id>/reopen/", reopen_dispute, name="reopen_dispute"),
    path("questions/", questions, name="questions"),
    path("questions/<int:criterion_id>/", worksheet, name="worksheet"),
    path("questions/<int:criterion_id>/worksheet.md", worksheet_file, name="worksheet_file"),
    path("questions/<int:criterion_id>/notes/", note_add, name="note"),
    path("questions/notes/<int:note_id>/close/", note_close, name="note_close"),
    path("manage/", manage, name="manage"),
    path("manage/new/", new, name="queue_new"),
    path("manage/slots/<int:slot_id>/", give, name="slot"),
    path("manage/forecast/", forecast_fragment, name="forecast"),
    path("manage/items/<int:item_id>/reopen/", reopen, name="reopen"),
    path("manage/items/<int:item_id>/gold/", gold_item, name="gold_item"),
    path("manage/<slug:slug>/", queue, name="queue"),
    path("manage/<slug:slug>/add/", add, name="add"),
    path("manage/<slug:slug>/gold/", gold_list, name="gold"),
    path("send/episodes/<int:episode_id>/", send_episode, name="send_episode"),
    path("send/runs/<int:run_id>/", send_run, name="send_run"),
    path("items/<int:item_id>/", item, name="item"),
    path("items/<int:item_id>/save/", save, name="save"),
    path("items/<int:item_id>/seal/", seal, name="seal"),
    path("items/<int:item_id>/resume/", resume, name="resume"),
    path("items/<int:item_id>/later/", later, name="later"),
    path("items/<int:item_id>/decline/", decline, name="decline"),
    path("items/<int:item_id>/undo/", undo, name="undo"),
    path("items/<int:item_id>/sealed/", sealed, name="sealed"),
    path("items/<int:item_id>/revise/", revise, name="revise"),
    path("items/<int:item_id>/events/<int:seq>/", body, name="body"),
]
