"""A policy that the person who signed in reads and signs."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.people_sign_in.queries import MyPerson
from homeroom.apps.teach.courses.policies import SignatureForm, find_policy, find_signature, sign_policy
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.course_forms import CourseRefused
from homeroom.library.teach.courses.lesson_pages import render_policy
from homeroom.web.teach.my.access import MyRequest, my_view
from homeroom.web.teach.my.courses import get_staff_member


@my_view(methods=("GET", "POST"))
def show_policy(request: HttpRequest, *, district: District, person: MyPerson, public: str) -> HttpResponse:
    """Show a policy; posting signs the version that was shown."""
    own = cast("MyRequest", request)
    wrong: dict[str, str] = {}
    if request.method == "POST":
        form = SignatureForm(
            policy=public,
            sha256=request.POST.get("sha256", ""),
            typed_name=request.POST.get("typed_name", ""),
            language=own.language,
        )
        member = get_staff_member(district, person)
        try:
            sign_policy(district=district, person=member, form=form, actor=own.visit.actor, at=own.visit.now)
        except LookupError as error:
            raise Http404 from error
        except CourseRefused as error:
            wrong = {error.field: _explain(error.field, person)}
        else:
            messages.success(request, gettext("Signed. Thank you."), extra_tags="good")
            return redirect("my-policy", public=public)
    policy = find_policy(district=district, public=public)
    if policy is None:
        raise Http404
    is_spanish = own.language == "es" and bool(policy.text_es)
    context = {
        "policy": policy,
        "title": (policy.title_es if is_spanish else "") or policy.title,
        "text": render_policy(policy.text_es if is_spanish else policy.text),
        "text_language": "es" if is_spanish else "en",
        "signature": find_signature(district=district, person=get_staff_member(district, person), policy=policy),
        "typed_name": request.POST.get("typed_name", ""),
        "wrong": wrong,
    }
    return render(request, "my/policy.html", context, status=422 if wrong else 200)


def _explain(field: str, person: MyPerson) -> str:
    if field == "typed_name":
        return gettext("Type your full name as the district has it: %(name)s") % {"name": person.name}
    return gettext("The policy changed while you read it. Please read it again.")


urlpatterns = [path("my/policies/<str:public>", show_policy, name="my-policy")]
