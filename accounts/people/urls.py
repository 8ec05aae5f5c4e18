"""Addresses of signing in, of a person's own profile, and of the people and teams the director keeps."""

from allauth.account import views as allauth_views
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.http import require_POST

from accounts.people import views

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
    path("join/<str:secret>/", views.invitation_accept_view, name="invitation_accept"),
    path("settings/profile/", views.profile, name="profile"),
    path("settings/profile/sign-out-elsewhere/", views.sessions_end_view, name="sessions_end"),
    path("settings/people/", views.people_list, name="people_list"),
    path("settings/people/invite/", views.invitation_create_view, name="invitation_create"),
    path("settings/people/invitations/<str:public_id>/resend/", views.invitation_resend_view, name="invitation_resend"),
    path("settings/people/invitations/<str:public_id>/revoke/", views.invitation_revoke_view, name="invitation_revoke"),
    path("settings/people/deactivate/", views.people_deactivate, name="people_deactivate"),
    path("settings/people/reactivate/", views.people_reactivate, name="people_reactivate"),
    path("settings/people/<str:public_id>/", views.person_change, name="person_change"),
    path("settings/people/<str:public_id>/hand-over/", views.person_hand_over, name="person_hand_over"),
    path("settings/people/<str:public_id>/deactivate/", views.person_deactivate, name="person_deactivate"),
    path("settings/people/<str:public_id>/reactivate/", views.person_reactivate, name="person_reactivate"),
    path("settings/teams/", views.team_list, name="team_list"),
    path("settings/teams/<int:pk>/rename/", views.team_rename, name="team_rename"),
    path("settings/teams/<int:pk>/delete/", views.team_delete, name="team_delete"),
]
