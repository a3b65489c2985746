"""Passkeys, authenticator apps and recovery codes: each proves its user, and each code works once."""

from __future__ import annotations

import json
from base64 import b32decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from homeroom.apps.know.connections.key_rotation import rotate_every_key
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.second_factors.authenticator_apps import (
    activate_app,
    build_app_address,
    prepare_app,
    read_prepared_secret,
    use_app_code,
)
from homeroom.apps.platform.second_factors.commands import ResetRefused, reset_second_factors
from homeroom.apps.platform.second_factors.models import AuthenticatorApp, Passkey, RecoveryCode
from homeroom.apps.platform.second_factors.passkeys import (
    PasskeyRefused,
    register_passkey,
    request_passkey,
    request_registration,
    use_passkey,
)
from homeroom.apps.platform.second_factors.queries import find_factors
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes, use_recovery_code
from homeroom.apps.platform.secret_box import SecretDecryptionError
from homeroom.domain.platform.one_time_codes import compute_code, compute_step
from tests.cast import Cast
from tests.services.security_key import PRESENT, VERIFIED, SecurityKey

NOW = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)
HOST = "homeroom.test"
pytestmark = pytest.mark.differs_by_database("one code is used up by one conditional update, in each database")


def register(user: Any, key: SecurityKey) -> Passkey:
    request = request_registration(user=user, host=HOST)
    answer = key.register(json.loads(json.dumps(request.options)))
    state = json.loads(json.dumps(request.state))
    return register_passkey(user=user, host=HOST, name="Blue key", state=state, answer=answer, at=NOW)


def use(key: SecurityKey, *, user: Any = None, signer: SecurityKey | None = None) -> Passkey:
    request = request_passkey(host=HOST, user=user)
    answer = (signer or key).sign(json.loads(json.dumps(request.options)))
    return use_passkey(host=HOST, state=json.loads(json.dumps(request.state)), answer=answer, at=NOW, user=user)


def activate(user: Any) -> bytes:
    sealed = prepare_app(user=user)
    secret = b32decode(read_prepared_secret(user=user, sealed=sealed))
    code = compute_code(secret, compute_step(NOW - timedelta(seconds=30)))
    assert activate_app(user=user, sealed=sealed, code=code, at=NOW)
    return secret


def test_a_passkey_signs_its_user_in_alone_and_as_second_step(cast: Cast) -> None:
    key = SecurityKey()
    register(cast.technician, key)
    assert use(key).user == cast.technician
    assert use(key, user=cast.technician).user == cast.technician
    assert Passkey.objects.get().sign_count == 3
    assert find_factors(user=cast.technician).is_ready
    entry = Entry.objects.of(cast.district).get(action="add passkey")
    assert (entry.actor, entry.subject, entry.detail) == ("technician", "technician", {"name": "Blue key"})


def change(**values: Any) -> Callable[[SecurityKey], None]:
    return lambda key: key.__dict__.update(values)


WRONG_ANSWERS: dict[str, Callable[[SecurityKey], None]] = {
    "of another site": change(origin="https://homeroom.evil.test"),
    "of a site that ends the same": change(origin="https://evilhomeroom.test"),
    "of this site without TLS": change(origin="http://homeroom.test"),
    "for another site": change(rp_id="evil.test"),
    "of nobody who was there": change(flags=VERIFIED),
    "without PIN or fingerprint": change(flags=PRESENT),
    "of another kind": change(kind="webauthn.create"),
    "of another user": change(handle="c29tZWJvZHktZWxzZQ"),
    "of a key that counts back": change(counter=1),
    "of an unknown key": change(credential_id=b"unknown"),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_an_answer_that_is_wrong_signs_nobody_in(cast: Cast, name: str) -> None:
    key = SecurityKey()
    register(cast.technician, key)
    key.counter = 2
    use(key)
    WRONG_ANSWERS[name](key)
    with pytest.raises(PasskeyRefused) as refusal:
        use(key)
    assert "technician" not in str(refusal.value)
    assert Passkey.objects.get().sign_count == 2


def test_a_signature_of_another_key_or_request_or_user_proves_nothing(cast: Cast) -> None:
    key, thief, other = SecurityKey(), SecurityKey(), SecurityKey()
    register(cast.technician, key)
    register(cast.director, other)
    thief.credential_id, thief.handle = key.credential_id, key.handle
    with pytest.raises(PasskeyRefused):
        use(key, signer=thief)
    with pytest.raises(PasskeyRefused):
        use(other, user=cast.technician)
    first, second = (request_passkey(host=HOST) for _ in range(2))
    answer = key.sign(dict(first.options))
    with pytest.raises(PasskeyRefused):
        use_passkey(host=HOST, state=second.state, answer=answer, at=NOW)
    use_passkey(host=HOST, state=first.state, answer=answer, at=NOW)
    with pytest.raises(PasskeyRefused):
        use_passkey(host=HOST, state=first.state, answer=answer, at=NOW)


@pytest.mark.parametrize(
    "answer", [{}, {"id": 7}, {"rawId": "x", "response": None}, {"id": "a", "rawId": "a"}, [], "x"]
)
def test_an_answer_that_is_no_answer_is_refused(cast: Cast, answer: Any) -> None:
    with pytest.raises(PasskeyRefused):
        use_passkey(host=HOST, state=request_passkey(host=HOST).state, answer=answer, at=NOW)
    state = request_registration(user=cast.director, host=HOST).state
    with pytest.raises(PasskeyRefused):
        register_passkey(user=cast.director, host=HOST, name="x", state=state, answer=answer, at=NOW)


def test_a_key_that_does_not_count_is_accepted_until_it_counts(cast: Cast) -> None:
    key = SecurityKey(counter=0)
    register(cast.technician, key)
    for _ in range(2):
        key.counter = 0
        use(key)
    key.counter = 5
    use(key)
    key.counter = 0
    with pytest.raises(PasskeyRefused):
        use(key)


def test_a_key_is_one_users_and_a_user_has_one_handle_that_names_nobody(cast: Cast) -> None:
    key = SecurityKey()
    first = register(cast.technician, key)
    second = register(cast.technician, SecurityKey())
    assert first.handle == second.handle
    assert len(first.handle) > 40
    with pytest.raises(PasskeyRefused):
        register(cast.director, key)
    assert Passkey.objects.count() == 2


def test_a_code_of_an_app_works_once_and_none_before_it_works_after(cast: Cast) -> None:
    secret = activate(cast.technician)
    step = compute_step(NOW)
    assert not use_app_code(user=cast.technician, code=compute_code(secret, step - 1), at=NOW), "used to set up"
    code = compute_code(secret, step)
    assert not use_app_code(user=cast.director, code=code, at=NOW)
    assert use_app_code(user=cast.technician, code=f"{code[:3]} {code[3:]}", at=NOW)
    assert not use_app_code(user=cast.technician, code=code, at=NOW)
    assert use_app_code(user=cast.technician, code=compute_code(secret, step + 1), at=NOW)
    assert not use_app_code(user=cast.technician, code=code, at=NOW + timedelta(seconds=30))


def test_the_secret_of_an_app_is_encrypted_for_its_user_and_survives_a_new_key(cast: Cast) -> None:
    secret = activate(cast.technician)
    app = AuthenticatorApp.objects.get()
    with pytest.raises(SecretDecryptionError):
        read_prepared_secret(user=cast.director, sealed=app.sealed)
    AuthenticatorApp.objects.create(user=cast.director, sealed=app.sealed, made_at=NOW)
    assert not use_app_code(user=cast.director, code=compute_code(secret, compute_step(NOW)), at=NOW)
    AuthenticatorApp.objects.filter(user=cast.director).delete()
    assert rotate_every_key(actor="", at=NOW) == 1
    assert AuthenticatorApp.objects.get().sealed != app.sealed
    assert use_app_code(user=cast.technician, code=compute_code(secret, compute_step(NOW)), at=NOW)


def test_the_address_for_the_qr_code_names_the_site_and_the_user(cast: Cast) -> None:
    address = build_app_address(user=cast.technician, secret="ABC234")
    assert address == "otpauth://totp/Homeroom%3Atechnician?secret=ABC234&issuer=Homeroom"


def test_each_recovery_code_works_once_however_it_is_typed_and_new_ones_end_the_old(cast: Cast) -> None:
    codes = issue_recovery_codes(user=cast.technician, actor="technician", at=NOW)
    assert len(set(codes)) == 10
    assert not use_recovery_code(user=cast.director, code=codes[0], at=NOW)
    assert use_recovery_code(user=cast.technician, code=codes[0].lower().replace("-", " "), at=NOW)
    assert not use_recovery_code(user=cast.technician, code=codes[0], at=NOW)
    assert find_factors(user=cast.technician).codes == 9
    issue_recovery_codes(user=cast.technician, actor="technician", at=NOW)
    assert not use_recovery_code(user=cast.technician, code=codes[1], at=NOW)
    stored = "\n".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_a_reset_removes_what_was_lost_and_never_reaches_another_district(cast: Cast) -> None:
    from homeroom.apps.platform.districts.models import Membership

    register(cast.technician, SecurityKey())
    activate(cast.technician)
    issue_recovery_codes(user=cast.technician, actor="technician", at=NOW)
    with pytest.raises(ResetRefused):
        reset_second_factors(user=cast.technician, district=cast.next_district, actor="stranger", at=NOW)
    Membership.objects.create(district=cast.next_district, user=cast.technician, role="technician")
    for district in (cast.district, cast.next_district):
        with pytest.raises(ResetRefused) as refusal:
            reset_second_factors(user=cast.technician, district=district, actor="director", at=NOW)
        assert not {"Maple", "maple", "Next", "next-door"} & set(str(refusal.value).split())
    assert find_factors(user=cast.technician).is_ready
    reset_second_factors(user=cast.technician, district=cast.district, actor="", at=NOW, by_operator=True)
    assert not find_factors(user=cast.technician).is_ready
    for district in (cast.district, cast.next_district):
        assert Entry.objects.of(district).filter(action="reset 2-step verification").count() == 1
