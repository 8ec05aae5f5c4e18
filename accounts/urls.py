from allauth.account import views as allauth_views
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.http import require_POST

from accounts.views import company, join, people, profile

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", allauth_views.login, name="account_login"),
    path("accounts/logout/", require_POST(allauth_views.logout), name="account_logout"),
    path("accounts/inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", allauth_views.password_change, name="account_change_password"),
    path("accounts/password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("join/<str:secret>/", join.invitation_accept_page, name="invitation_accept"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/profile/sign-out-elsewhere/", profile.sessions_end_others, name="sessions_end"),
    path("settings/tokens/", profile.token_list, name="token_list"),
    path("settings/tokens/new/", profile.token_new, name="token_create"),
    path("settings/tokens/revoke/", profile.tokens_end, name="tokens_revoke"),
    path("settings/people/", people.people_list, name="people_list"),
    path("settings/people/invite/", people.invitation_new, name="invitation_create"),
    path("settings/people/invitations/<str:public_id>/resend/", people.invitation_again, name="invitation_resend"),
    path("settings/people/invitations/<str:public_id>/revoke/", people.invitation_end, name="invitation_revoke"),
    path("settings/people/deactivate/", people.people_deactivate, name="people_deactivate"),
    path("settings/people/reactivate/", people.people_reactivate, name="people_reactivate"),
    path("settings/people/<str:public_id>/", people.person_change, name="person_change"),
    path("settings/people/<str:public_id>/hand-over/", people.person_hand_over, name="person_hand_over"),
    path("settings/people/<str:public_id>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("settings/people/<str:public_id>/reactivate/", people.person_reactivate, name="person_reactivate"),
    path("settings/teams/", people.team_list, name="team_list"),
    path("settings/teams/<int:pk>/rename/", people.team_rename, name="team_rename"),
    path("settings/teams/<int:pk>/delete/", people.team_delete, name="team_delete"),
    path("settings/company/", company.company_settings, name="company_settings"),
    path("data/audit/", company.audit_list, name="audit_list"),
    path("data/audit/export/", company.audit_export, name="audit_export"),
]
