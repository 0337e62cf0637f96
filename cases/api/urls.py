"""The API's addresses: things to read, and one address for every verb."""

from django.urls import URLPattern, URLResolver, path

from cases.api import capturing, docs, judging, reading, replying, watching

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="docs"),
    path("undo/", judging.UndoLast.as_view(), name="undo"),
    path("posts/", reading.ListPosts.as_view(), name="posts"),
    path("posts/<int:post_id>/", reading.ReadPost.as_view(), name="post"),
    path("cases/", reading.ListCases.as_view(), name="cases"),
    path("cases/capture/", capturing.CapturePost.as_view(), name="capture"),
    path("cases/<int:case_id>/", reading.ReadCase.as_view(), name="case"),
    path("cases/<int:case_id>/take/", judging.TakeCase.as_view(), name="take"),
    path("cases/<int:case_id>/release/", judging.ReleaseCase.as_view(), name="release"),
    path("cases/<int:case_id>/assign/", judging.AssignCase.as_view(), name="assign"),
    path("cases/<int:case_id>/answer/", judging.AnswerQuestion.as_view(), name="answer"),
    path("cases/<int:case_id>/step-back/", judging.StepBack.as_view(), name="step-back"),
    path("cases/<int:case_id>/toggle/", judging.ToggleFact.as_view(), name="toggle"),
    path("cases/<int:case_id>/choose/", judging.ChooseOption.as_view(), name="choose"),
    path("cases/<int:case_id>/exit/", judging.TakeExit.as_view(), name="exit"),
    path("cases/<int:case_id>/danger/", judging.ReportDanger.as_view(), name="danger"),
    path("cases/<int:case_id>/hand-over/", judging.HandOverDanger.as_view(), name="hand-over"),
    path("cases/<int:case_id>/refer/", judging.ReferCase.as_view(), name="refer"),
    path("cases/<int:case_id>/decide/", judging.DecideCase.as_view(), name="decide"),
    path("cases/<int:case_id>/close/", judging.CloseCase.as_view(), name="close"),
    path("cases/<int:case_id>/judge-again/", judging.JudgeAgain.as_view(), name="judge-again"),
    path("cases/<int:case_id>/record-elsewhere/", replying.RecordElsewhere.as_view(), name="elsewhere"),
    path("cases/<int:case_id>/watch/", watching.StartWatch.as_view(), name="start-watch"),
    path("responses/<int:response_id>/", reading.ReadResponse.as_view(), name="response"),
    path("responses/<int:response_id>/save/", replying.SaveDraft.as_view(), name="save"),
    path("responses/<int:response_id>/submit/", replying.SubmitResponse.as_view(), name="submit"),
    path("responses/<int:response_id>/send/", replying.SendResponse.as_view(), name="send"),
    path("responses/<int:response_id>/change-option/", replying.ChangeOption.as_view(), name="change-option"),
    path("responses/<int:response_id>/approve/", replying.ApproveResponse.as_view(), name="approve"),
    path("responses/<int:response_id>/give-back/", replying.GiveBackResponse.as_view(), name="give-back"),
    path("responses/<int:response_id>/take-back/", replying.TakeBackResponse.as_view(), name="take-back"),
    path("watches/", reading.ListWatches.as_view(), name="watches"),
    path("watches/<int:watch_id>/", reading.ReadWatch.as_view(), name="watch"),
    path("watches/<int:watch_id>/check/", watching.LogCheck.as_view(), name="check"),
    path("watches/<int:watch_id>/worse/", watching.SayWorse.as_view(), name="worse"),
    path("watches/<int:watch_id>/pause/", watching.PauseWatch.as_view(), name="pause"),
    path("watches/<int:watch_id>/end/", watching.EndWatch.as_view(), name="end-watch"),
    path("escalations/", reading.ListEscalations.as_view(), name="escalations"),
    path("escalations/<int:escalation_id>/", reading.ReadEscalation.as_view(), name="escalation"),
    path(
        "escalations/<int:escalation_id>/acknowledge/",
        watching.AcknowledgeEscalation.as_view(),
        name="acknowledge",
    ),
]
