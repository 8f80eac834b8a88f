"""HubSpot's own Python client, pointed at us by its documented switches."""

import hubspot
import pytest
from hubspot.marketing.transactional import (
    ApiException, PublicSingleSendEmail, PublicSingleSendRequestEgg, SmtpApiTokenRequestEgg)

from installation import wait_until


@pytest.fixture(scope="module")
def client(relay):
    relay.email_id = int(relay.email("Hi {{ contact.firstname }}", "<p>{{ custom.code }}</p>"))
    url = relay.server.url
    return hubspot.HubSpot(access_token=relay.access_token(), host=url, base_url=url)


def test_single_send(relay, client, address):
    to = address()
    egg = PublicSingleSendRequestEgg(
        email_id=relay.email_id, message=PublicSingleSendEmail(to=to, send_id=f"client-{to}"),
        contact_properties={"firstname": "Grace"}, custom_properties={"code": "4711"})
    answer = client.marketing.transactional.single_send_api.send_email(egg)
    assert answer.status == "PENDING"
    assert answer.status_id

    def complete():
        response = client.api_request({"path": f"/marketing/v3/email/send-statuses/{answer.status_id}"})
        assert response.status_code == 200
        return response.json() if response.json()["status"] == "COMPLETE" else None
    assert wait_until("COMPLETE", complete)["sendResult"] == "SENT"
    mail = relay.sink.received.wait_for(to).data
    assert b"Subject: Hi Grace\r\n" in mail
    assert b"4711" in mail


def test_errors_are_what_the_client_expects(relay):
    url = relay.server.url
    stranger = hubspot.HubSpot(access_token="nobody", host=url, base_url=url)
    with pytest.raises(ApiException) as refused:
        stranger.marketing.transactional.single_send_api.send_email(
            PublicSingleSendRequestEgg(email_id=1, message=PublicSingleSendEmail(to="a@example.net")))
    assert refused.value.status == 401


def test_smtp_tokens(relay, client):
    tokens = client.marketing.transactional.public_smtp_tokens_api
    made = tokens.create_token(SmtpApiTokenRequestEgg(create_contact=True, campaign_name="by the client"))
    assert made.id and made.password and made.campaign_name == "by the client"
    assert made.create_contact is True
    assert tokens.get_token_by_id(made.id).password is None
    reset = tokens.reset_password(made.id)
    assert reset.password and reset.password != made.password
    assert made.id in [token.id for token in tokens.get_tokens_page(campaign_name="by the client").results]
    tokens.archive_token(made.id)
    with pytest.raises(ApiException) as gone:
        tokens.get_token_by_id(made.id)
    assert gone.value.status == 404
