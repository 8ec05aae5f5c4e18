"""What a person does at a provider so that it reports to us."""

from django.utils.translation import gettext_lazy as _

from delivery.feedback.models import ProviderWebhook

Provider = ProviderWebhook.Provider

STEPS = {
    Provider.SES: _(
        "In SES, open the verified domain and, under notifications, choose an SNS topic for bounces and one "
        "for complaints (the same topic is allowed), with the original headers. In SNS, open the topic and "
        "add a subscription: protocol HTTPS, this URL, raw message delivery off. The subscription confirms "
        "itself."
    ),
    Provider.BREVO: _(
        "Under Transactional, Settings, Webhook, add this URL for: hard bounce, soft bounce, blocked, "
        "invalid e-mail, complaint, unsubscribed."
    ),
    Provider.MAILERSEND: _(
        "Under Domains, your domain, Webhooks, add this URL for: hard bounced, soft bounced, spam "
        "complaint, unsubscribed. The page then shows the signing secret."
    ),
    Provider.MAILGUN: _(
        "Under Sending, Webhooks, add this URL for: permanent failure, spam complaints, unsubscribes. The "
        "key is the HTTP webhook signing key under API security."
    ),
    Provider.MAILJET: _("Under Account, Event notifications, enter this URL for: bounce, blocked, spam, unsubscribed."),
    Provider.MAILTRAP: _(
        "Under Settings, Webhooks, add this URL for: bounce, reject, spam, unsubscribe. The page then shows "
        "the signature key."
    ),
    Provider.MANDRILL: _(
        "Under Settings, Webhooks, add this URL for: message is hard-bounced, soft-bounced, rejected, "
        "marked as spam, and recipient unsubscribes. The list then shows the key."
    ),
    Provider.POSTAL: _(
        "In the server's Webhooks, add this URL for: message delivery failed, message bounced. The key is "
        "the part after p= in the output of “postal default-dkim-record”."
    ),
    Provider.POSTMARK: _(
        "In the message stream, under Webhooks, add this URL for: bounce, spam complaint, subscription change."
    ),
    Provider.RESEND: _(
        "Under Webhooks, add this URL for: email.bounced, email.complained. The page then shows the signing "
        "secret, which starts with whsec_."
    ),
    Provider.SENDGRID: _(
        "Under Settings, Mail settings, Event webhooks, add this URL for: bounced, dropped, spam reports, "
        "unsubscribed, and switch the signed event webhook on. The page then shows the verification key."
    ),
    Provider.SPARKPOST: _(
        "Under Webhooks, add this URL with its basic authentication unchanged, for: bounce, out of band, "
        "policy rejection, spam complaint, list and link unsubscribe."
    ),
}
