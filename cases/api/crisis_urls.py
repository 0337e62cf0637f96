"""The API's addresses of the crisis: situations, claims, messages to many, pictures and exercises."""

from django.urls import URLPattern, URLResolver, path

from cases.api import answers, claims, exercises, incident, joining, messages, pictures, situations

urlpatterns: list[URLPattern | URLResolver] = [
    path("exercise/", exercises.ReadExercise.as_view(), name="exercise"),
    path("exercise/score/", exercises.ReadScore.as_view(), name="score"),
    path("exercise/play/", exercises.PlayExercise.as_view(), name="play-exercise"),
    path("exercise/pause/", exercises.PauseExercise.as_view(), name="pause-exercise"),
    path("exercise/speed/", exercises.SetExerciseSpeed.as_view(), name="set-exercise-speed"),
    path("exercise/end/", exercises.EndExercise.as_view(), name="end-exercise"),
    path("exercise/injects/add/", exercises.AddInject.as_view(), name="add-inject"),
    path("exercise/injects/<int:inject_id>/settle/", exercises.SettleInject.as_view(), name="settle-inject"),
    path("public-messages/", messages.ListPublicMessages.as_view(), name="public-messages"),
    path("public-messages/write/", messages.WriteMessage.as_view(), name="write-message"),
    path("public-messages/<int:message_id>/", messages.ReadPublicMessage.as_view(), name="public-message"),
    path("public-messages/<int:message_id>/change/", messages.ChangeMessage.as_view(), name="change-message"),
    path(
        "public-messages/<int:message_id>/publish/", messages.PublishMessage.as_view(), name="publish-message"
    ),
    path(
        "public-messages/<int:message_id>/register/",
        messages.RegisterMessage.as_view(),
        name="register-message",
    ),
    path(
        "public-messages/<int:message_id>/take-back/",
        messages.TakeBackMessage.as_view(),
        name="take-back-message",
    ),
    path(
        "public-messages/<int:message_id>/propose/", messages.ProposeAnswers.as_view(), name="propose-answers"
    ),
    path("public-messages/<int:message_id>/answer/", messages.AnswerCases.as_view(), name="answer-cases"),
    path("public-messages/<int:message_id>/stop/", messages.StopMessage.as_view(), name="stop-message"),
    path("claims/", claims.ListClaims.as_view(), name="claims"),
    path("claims/open/", claims.OpenClaim.as_view(), name="open-claim"),
    path("claims/<int:claim_id>/", claims.ReadClaim.as_view(), name="claim"),
    path("claims/<int:claim_id>/spread/", claims.ReadSpread.as_view(), name="claim-spread"),
    path("claims/<int:claim_id>/near/", claims.NearClaim.as_view(), name="near-claim"),
    path("claims/<int:claim_id>/reword/", claims.RewordClaim.as_view(), name="reword-claim"),
    path("claims/<int:claim_id>/decide/", claims.DecideClaim.as_view(), name="decide-claim"),
    path("claims/<int:claim_id>/sources/add/", claims.AddFact.as_view(), name="add-fact"),
    path("claims/<int:claim_id>/merge/", claims.MergeClaim.as_view(), name="merge-claim"),
    path("claims/<int:claim_id>/part/", claims.PartClaim.as_view(), name="part-claim"),
    path("claims/<int:claim_id>/link/", claims.LinkCases.as_view(), name="link-cases"),
    path("claims/<int:claim_id>/answers/add/", answers.WriteAnswer.as_view(), name="write-answer"),
    path("facts/<int:fact_id>/withdraw/", claims.WithdrawFact.as_view(), name="withdraw-fact"),
    path("answers/<int:answer_id>/vet/", answers.VetAnswer.as_view(), name="vet-answer"),
    path("answers/<int:answer_id>/withdraw/", answers.WithdrawAnswer.as_view(), name="withdraw-answer"),
    path("responses/<int:response_id>/use-answer/", answers.UseAnswer.as_view(), name="use-answer"),
    path("cases/<int:case_id>/claims/", claims.ReadCaseClaims.as_view(), name="case-claims"),
    path("cases/<int:case_id>/claims/link/", claims.LinkClaim.as_view(), name="link-claim"),
    path("cases/<int:case_id>/claims/unlink/", claims.UnlinkClaim.as_view(), name="unlink-claim"),
    path("situations/", situations.ListSituations.as_view(), name="situations"),
    path("situations/open/", situations.OpenSituation.as_view(), name="open-situation"),
    path("situations/<int:situation_id>/", situations.ReadSituation.as_view(), name="situation"),
    path(
        "situations/<int:situation_id>/open-proposal/",
        situations.OpenProposal.as_view(),
        name="open-proposal",
    ),
    path(
        "situations/<int:situation_id>/decline/",
        situations.DeclineProposal.as_view(),
        name="decline-proposal",
    ),
    path(
        "situations/<int:situation_id>/change/", situations.ChangeSituation.as_view(), name="change-situation"
    ),
    path(
        "situations/<int:situation_id>/level/",
        situations.SetSituationLevel.as_view(),
        name="set-situation-level",
    ),
    path("situations/<int:situation_id>/lock/", situations.LockVoice.as_view(), name="lock-voice"),
    path("situations/<int:situation_id>/unlock/", situations.UnlockVoice.as_view(), name="unlock-voice"),
    path("situations/<int:situation_id>/say/", situations.SayKeyMessage.as_view(), name="say-key-message"),
    path(
        "situations/<int:situation_id>/target/",
        situations.SetSituationTarget.as_view(),
        name="set-situation-target",
    ),
    path("situations/<int:situation_id>/log/", incident.WriteLogLine.as_view(), name="write-log-line"),
    path(
        "situations/<int:situation_id>/take-over/",
        incident.TakeOverSituation.as_view(),
        name="take-over-situation",
    ),
    path("situations/<int:situation_id>/inflows/add/", joining.AddInflow.as_view(), name="add-inflow"),
    path("situations/<int:situation_id>/inflows/stop/", joining.StopInflow.as_view(), name="stop-inflow"),
    path("situations/<int:situation_id>/join/", joining.JoinCases.as_view(), name="join-cases"),
    path("situations/<int:situation_id>/leave/", joining.LeaveCases.as_view(), name="leave-cases"),
    path("situations/<int:situation_id>/topics/", incident.ListTopics.as_view(), name="topics"),
    path("situations/<int:situation_id>/close-unread/", incident.CloseUnread.as_view(), name="close-unread"),
    path("situations/<int:situation_id>/open-cases/", incident.ReadOpenGroups.as_view(), name="open-groups"),
    path("situations/<int:situation_id>/close/", incident.CloseSituation.as_view(), name="close-situation"),
    path("situations/<int:situation_id>/timeline/", incident.ReadTimeline.as_view(), name="timeline"),
    path("cases/<int:case_id>/situation/open/", situations.OpenAroundCase.as_view(), name="open-around-case"),
    path("batches/<int:batch_id>/", incident.ReadBatch.as_view(), name="batch"),
    path("batches/<int:batch_id>/stop/", incident.StopBatch.as_view(), name="stop-batch"),
    path("situations/<int:situation_id>/pictures/", pictures.ListPictures.as_view(), name="pictures"),
    path("situations/<int:situation_id>/pictures/make/", pictures.MakePicture.as_view(), name="make-picture"),
    path(
        "situations/<int:situation_id>/pictures/schedule/",
        pictures.SchedulePictures.as_view(),
        name="schedule-pictures",
    ),
    path(
        "situations/<int:situation_id>/pictures/readers/add/",
        pictures.AddPictureReader.as_view(),
        name="add-reader",
    ),
    path(
        "situations/<int:situation_id>/pictures/readers/remove/",
        pictures.RemovePictureReader.as_view(),
        name="remove-reader",
    ),
    path(
        "situations/<int:situation_id>/pictures/<int:picture_n>/",
        pictures.ReadPicture.as_view(),
        name="picture",
    ),
    path(
        "situations/<int:situation_id>/pictures/<int:picture_n>/advice/",
        pictures.AdvisePicture.as_view(),
        name="advise-picture",
    ),
    path(
        "situations/<int:situation_id>/pictures/<int:picture_n>/sign/",
        pictures.SignPicture.as_view(),
        name="sign-picture",
    ),
]
