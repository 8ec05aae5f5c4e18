"""Where mail providers report to. Public: what proves a request is its signature or its password."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from delivery.feedback.models import ProviderWebhook
from delivery.feedback.webhooks import SIGNED, Refused, webhook_receive


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def provider_webhook(request: HttpRequest, public_id: str) -> HttpResponse:
    """200 when everything is recorded; anything else makes the provider try again later."""
    hook = get_object_or_404(ProviderWebhook.objects.active(), public_id=public_id)
    if request.method == "HEAD":
        return HttpResponse()  # some providers look whether the address exists
    try:
        webhook_receive(hook=hook, request=request)
    except Refused:
        if hook.provider not in SIGNED and not request.headers.get("Authorization"):
            return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="reports"'})
        return HttpResponse("refused", status=400, content_type="text/plain")
    return HttpResponse("recorded", content_type="text/plain")
