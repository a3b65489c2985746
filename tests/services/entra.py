"""The sample district's data at Microsoft, with the properties that Graph's reference names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.services.world import BEGINNING

type Rows = dict[str, dict[str, Any]]


def _split_names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
USER = _split_names(
    "id userPrincipalName givenName surname displayName accountEnabled createdDateTime jobTitle department "
    "employeeId mail"
    " otherMails proxyAddresses lastPasswordChangeDateTime passwordPolicies signInActivity userType companyName"
)
REGISTRATION = _split_names(
    "id userPrincipalName userDisplayName userType isAdmin isMfaCapable isMfaRegistered isPasswordlessCapable "
    "isSsprCapable"
    " isSsprEnabled isSsprRegistered methodsRegistered lastUpdatedDateTime"
)
DEVICE = _split_names(
    "id userId deviceName managedDeviceOwnerType enrolledDateTime lastSyncDateTime operatingSystem complianceState "
    "jailBroken"
    " managementAgent osVersion azureADRegistered azureADDeviceId deviceRegistrationState deviceCategoryDisplayName "
    "isEncrypted"
    " userPrincipalName model manufacturer imei meid udid serialNumber userDisplayName wiFiMacAddress "
    "ethernetMacAddress notes"
    " isSupervised totalStorageSpaceInBytes freeStorageSpaceInBytes"
)
APP = _split_names("id displayName version sizeInByte deviceCount publisher platform")
PRINCIPAL = _split_names(
    "id appId displayName servicePrincipalType appOwnerOrganizationId verifiedPublisher accountEnabled tags"
)
ROLE = _split_names(
    "id appRoleId createdDateTime principalId principalDisplayName principalType resourceId resourceDisplayName"
)
GRANT = _split_names("id clientId consentType principalId resourceId scope")
SIGN_IN = _split_names(
    "id createdDateTime userDisplayName userPrincipalName userId appId appDisplayName ipAddress clientAppUsed "
    "correlationId"
    " conditionalAccessStatus isInteractive riskDetail riskLevelAggregated riskLevelDuringSignIn riskState "
    "riskEventTypes_v2"
    " resourceDisplayName resourceId status deviceDetail location appliedConditionalAccessPolicies"
)
ALERT = _split_names(
    "id title category severity status serviceSource detectionSource detectorId createdDateTime lastUpdateDateTime "
    "firstActivityDateTime mitreTechniques evidence"
)
AUDIT = _split_names(
    "id category correlationId result resultReason activityDisplayName activityDateTime loggedByService operationType"
    " initiatedBy targetResources additionalDetails"
)
SCORE = _split_names(
    "id azureTenantId activeUserCount createdDateTime currentScore enabledServices licensedUserCount maxScore "
    "controlScores"
)
MAIL_READ = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"


def build_tenant() -> tuple[dict[str, Rows], dict[str, dict[str, list[dict[str, Any]]]]]:
    """Return the rows by list and id, and nested rows by the id of their parent."""
    rows = {
        "users": {f"u{number:04d}": build_user(number) for number in range(30)},
        "registration": {f"u{number:04d}": build_registration(number) for number in range(30)},
        "devices": {f"a{number:04d}": build_device(number) for number in range(45)},
        "apps": {f"app{number}": build_app(number) for number in range(12)},
        "principals": {f"sp{number}": build_principal(number) for number in range(9)},
        "signins": {str(number): build_sign_in(number, at=_compute_log_time(number)) for number in range(40)},
        "audits": {str(number): build_audit(number, at=_compute_log_time(number)) for number in range(20)},
        "alerts": {str(number): build_alert(number, at=_compute_log_time(number)) for number in range(3)},
        "scores": {str(day): build_score(day) for day in range(3)},
    }
    nested = {
        "installs": {f"app{number}": list_installs(number) for number in range(12)},
        "roles": {"sp1": [build_role("sp1")], "sp4": [build_role("sp4")]},
        "grants": {f"sp{number}": [build_grant(number, account) for account in range(2)] for number in range(9)},
    }
    return rows, nested


def build_user(number: int) -> dict[str, Any]:
    sign_in_activity = {} if number % 6 == 0 else {"signInActivity": {"lastSignInDateTime": "2026-11-18T13:00:00Z"}}
    return {
        "id": f"u{number:04d}",
        "userPrincipalName": f"person{number}@maple.example",
        "givenName": f"Given{number}",
        "surname": f"Family{number}",
        "displayName": f"Given{number} Family{number}",
        "accountEnabled": number % 7 != 0,
        "createdDateTime": "2022-08-01T12:00:00Z",
        "jobTitle": "Teacher",
        "department": None,
        "employeeId": f"E{number}",
        "mail": f"person{number}@maple.example",
        "otherMails": [],
        "proxyAddresses": [f"SMTP:person{number}@maple.example", f"smtp:p{number}@maple.example"],
        "lastPasswordChangeDateTime": "2025-08-01T12:00:00Z",
        "passwordPolicies": "DisablePasswordExpiration" if number % 5 == 0 else None,
        "userType": "Member",
        **sign_in_activity,
    }


def build_registration(number: int) -> dict[str, Any]:
    return {
        "id": f"u{number:04d}",
        "userPrincipalName": f"person{number}@maple.example",
        "userType": "member",
        "isAdmin": number % 10 == 0,
        "isMfaCapable": number % 2 == 0,
        "isMfaRegistered": number % 2 == 0,
        "methodsRegistered": ["microsoftAuthenticatorPush"] if number % 2 == 0 else [],
        "lastUpdatedDateTime": "2026-11-19T00:00:00Z",
    }


def build_device(number: int) -> dict[str, Any]:
    return {
        "id": f"a{number:04d}",
        "deviceName": f"LT-{number:04d}",
        "serialNumber": f"5CG{number:05d}",
        "azureADDeviceId": f"00000000-0000-0000-0001-{number:012d}",
        "manufacturer": "Dell",
        "model": "Latitude 3420",
        "operatingSystem": "Windows",
        "osVersion": "10.0.26100.4061",
        "userPrincipalName": f"person{number % 30}@maple.example",
        "managedDeviceOwnerType": "company",
        "enrolledDateTime": "2024-08-01T12:00:00Z",
        "lastSyncDateTime": "2026-11-19T12:00:00Z",
        "isEncrypted": number % 8 != 0,
        "complianceState": "compliant",
        "jailBroken": "Unknown",
        "isSupervised": False,
        "totalStorageSpaceInBytes": 255_000_000_000,
        "freeStorageSpaceInBytes": number * 1_000_000_000,
        "wiFiMacAddress": f"3C22FB00{number:04X}",
    }


def build_app(number: int) -> dict[str, Any]:
    return {
        "id": f"app{number}",
        "displayName": f"App {number}",
        "version": f"{number}.1",
        "sizeInByte": 0,
        "deviceCount": len(list_installs(number)),
        "publisher": "Maple Software",
        "platform": "windows",
    }


def list_installs(number: int) -> list[dict[str, Any]]:
    """Return the devices with an app: the more the higher the app's number, and none for the first."""
    return [
        {"id": f"a{device_number:04d}", "deviceName": f"LT-{device_number:04d}"} for device_number in range(number * 2)
    ]


def build_principal(number: int) -> dict[str, Any]:
    verified = {"displayName": "Quiz Inc", "verifiedPublisherId": "9", "addedDateTime": "2024-01-01T00:00:00Z"}
    unverified = {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None}
    return {
        "id": f"sp{number}",
        "appId": f"00000000-0000-0000-0002-{number:012d}",
        "displayName": f"Service {number}",
        "servicePrincipalType": "Application",
        "appOwnerOrganizationId": MICROSOFT if number == 4 else "00000000-0000-0000-0000-000000000009",
        "verifiedPublisher": verified if number % 2 else unverified,
        "accountEnabled": True,
    }


def build_role(principal_id: str) -> dict[str, Any]:
    return {
        "id": f"{principal_id}-role",
        "appRoleId": MAIL_READ,
        "createdDateTime": "2025-01-01T00:00:00Z",
        "principalId": principal_id,
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
    }


def build_grant(number: int, account: int) -> dict[str, Any]:
    for_all_users = account == 0
    return {
        "id": f"sp{number}-{account}",
        "clientId": f"sp{number}",
        "consentType": "AllPrincipals" if for_all_users else "Principal",
        "principalId": None if for_all_users else f"u{account:04d}",
        "resourceId": "graph",
        "scope": "User.Read openid",
    }


def build_sign_in(number: int, *, at: datetime) -> dict[str, Any]:
    return {
        "id": f"s{number:04d}",
        "createdDateTime": _format_time(at),
        "userDisplayName": f"Given{number % 30}",
        "userPrincipalName": f"person{number % 30}@maple.example",
        "userId": f"u{number % 30:04d}",
        "appDisplayName": "Office 365",
        "ipAddress": "203.0.113.7",
        "clientAppUsed": "Browser",
        "conditionalAccessStatus": "success",
        "isInteractive": True,
        "resourceDisplayName": "Exchange Online",
        "status": {"errorCode": 0 if number % 4 else 50126, "failureReason": "Other.", "additionalDetails": None},
        "deviceDetail": {"deviceId": "", "operatingSystem": "Windows", "browser": "Edge"},
        "location": {"city": "Springfield", "state": "Oregon", "countryOrRegion": "US"},
    }


def build_alert(number: int, *, at: datetime) -> dict[str, Any]:
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": f"da{number}",
        "title": "Password spray",
        "category": "CredentialAccess",
        "severity": "high",
        "status": "new",
        "serviceSource": "azureAdIdentityProtection",
        "createdDateTime": time,
        "lastUpdateDateTime": time,
        "firstActivityDateTime": time,
        "mitreTechniques": ["T1110.003"],
        "evidence": [{"userAccount": {"userPrincipalName": "Person1@maple.example"}}],
    }


def build_audit(number: int, *, at: datetime) -> dict[str, Any]:
    return {
        "id": f"Directory_{number:04d}",
        "category": "UserManagement",
        "activityDateTime": _format_time(at),
        "activityDisplayName": "Update user",
        "loggedByService": "Core Directory",
        "operationType": "Update",
        "result": "success",
        "initiatedBy": {
            "user": {"id": "u0000", "userPrincipalName": "person0@maple.example", "ipAddress": "203.0.113.7"}
        },
        "targetResources": [{"id": f"u{number % 30:04d}", "type": "User", "modifiedProperties": []}],
    }


def build_score(day: int) -> dict[str, Any]:
    """Return the score of a day, counted back; the newest comes first."""
    controls = [
        {
            "controlName": f"Control{number}",
            "controlCategory": "Identity",
            "scoreInPercentage": 50.0 * (number % 3),
            "score": 1.0,
            "description": "<p>Do it.</p>",
            "implementationStatus": "You have done half.",
        }
        for number in range(5)
    ]
    at = BEGINNING - timedelta(days=day)
    return {
        "id": f"t_{day}",
        "azureTenantId": "t1",
        "createdDateTime": _format_time(at),
        "currentScore": 10.0,
        "maxScore": 20.0,
        "licensedUserCount": 30,
        "controlScores": controls,
    }


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _compute_log_time(number: int) -> datetime:
    """Return a time within the week before the trials begin, and before any console's clock that is wrong by a day."""
    return BEGINNING - timedelta(days=2, hours=number % 40, minutes=number)
