"""The pages' addresses."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from cases.web.views import account, capturing, case, deliveries, figures, inbox, listening, sources, watching

app_name = "cases"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="cases:inbox"), name="home"),
    path("sign-in/", LoginView.as_view(redirect_authenticated_user=True), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("language/", login_not_required(set_language), name="language"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("live/", inbox.live, name="live"),
    path("undo/", inbox.undo, name="undo"),
    path("cases/", case.cases, name="cases"),
    path("cases/<int:case_id>/", case.case, name="case"),
    path("cases/<int:case_id>/answer/", inbox.answer, name="answer"),
    path("cases/<int:case_id>/back/", inbox.step_back, name="step_back"),
    path("cases/<int:case_id>/toggle/", inbox.toggle, name="toggle"),
    path("cases/<int:case_id>/choose/", inbox.choose, name="choose"),
    path("cases/<int:case_id>/exit/<slug:exit_id>/", inbox.take_exit, name="exit"),
    path("cases/<int:case_id>/take/", case.take, name="take"),
    path("cases/<int:case_id>/release/", case.release, name="release"),
    path("cases/<int:case_id>/assign/", case.assign, name="assign"),
    path("cases/<int:case_id>/judge-again/", case.judge_again, name="judge_again"),
    path("cases/<int:case_id>/follow-up/", case.follow_up, name="follow_up"),
    path("cases/<int:case_id>/elsewhere/", case.elsewhere, name="elsewhere"),
    path("cases/<int:case_id>/close/", case.close, name="close"),
    path("cases/<int:case_id>/refer/", case.refer, name="refer"),
    path("cases/<int:case_id>/decide/", case.decide, name="decide"),
    path("cases/<int:case_id>/danger/", case.danger, name="danger"),
    path("cases/<int:case_id>/hand-over/", case.hand_over, name="hand_over"),
    path("cases/<int:case_id>/watch/", watching.start, name="watch"),
    path("replies/<int:response_id>/", case.reply, name="reply"),
    path("replies/<int:response_id>/approve/", case.approve, name="approve"),
    path("replies/<int:response_id>/stop/", case.stop_sending, name="stop_sending"),
    path("watching/", watching.board, name="watch_board"),
    path("watching/<int:watch_id>/check/", watching.check, name="check"),
    path("watching/<int:watch_id>/pause/", watching.pause, name="pause"),
    path("watching/<int:watch_id>/end/", watching.end, name="end_watch"),
    path("alarms/<int:escalation_id>/", watching.acknowledge, name="acknowledge"),
    path("notifications/", watching.notices, name="notifications"),
    path("notifications/<int:notification_id>/read/", watching.read_notice, name="read_notice"),
    path("figures/", figures.dashboard, name="dashboard"),
    path("report/", capturing.capture, name="capture"),
    path("queries/", listening.queries, name="queries"),
    path("queries/new/", listening.new_query, name="new_query"),
    path("queries/<int:query_id>/", listening.query, name="query"),
    path("queries/<int:query_id>/decide/", listening.decide_query, name="decide_query"),
    path("queries/<int:query_id>/end/", listening.end_query, name="end_query"),
    path("sources/", sources.sources, name="sources"),
    path("intake/<int:source_id>/", deliveries.intake, name="intake"),
    path("help/", account.help_page, name="help"),
    path("more/", account.more, name="more"),
]
