"""Who may do what: five roles, each a group, and the questions that the rest of the code asks of a user."""

from django.apps import apps
from django.contrib.auth.management import create_permissions

ADMIN, EDITOR, REVIEWER, NURSE, PRACTITIONER = ROLES = ("admin", "editor", "reviewer", "nurse", "practitioner")
CONTENT_MODELS = ("source", "treatment")
CONTENT_ACTIONS = ("add", "change", "delete")
# What readers leave behind is read, not written; the words for search are an editor's own.
READER_PERMISSIONS = (
    *("view_feedback", "change_feedback", "delete_feedback", "view_searchmiss", "delete_searchmiss"),
    *("view_synonym", "add_synonym", "change_synonym", "delete_synonym"),
)
# Notes and routes come with the portal: their words are edited, none is made or thrown away.
RULE_MODELS = ("note", "route")
RULE_ACTIONS = ("view", "change")
# An editor writes and hands in; a reviewer approves, and takes away what patients read.
PAGE_PERMISSIONS = {
    EDITOR: ("add_page", "change_page", "lock_page"),
    REVIEWER: ("add_page", "change_page", "lock_page", "unlock_page", "publish_page"),
}
PUBLISH_PERMISSIONS = ("publish_treatment", "publish_note", "publish_route")


def ensure_roles():
    """Creates the groups and gives them their permissions. Runs after every migrate.

    It takes nothing away but the right to publish, which editors once had.
    """
    from django.contrib.auth.models import Group, Permission
    from wagtail.snippets.models import create_extra_permissions

    for label in ("wagtailadmin", "wagtailcore", "wagtailimages", "education", "intake"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    create_extra_permissions(apps.get_app_config("wagtailsnippets"))
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}
    review = Permission.objects.filter(content_type__app_label="intake", codename="review_submission")
    for name in (NURSE, PRACTITIONER, ADMIN):
        groups[name].permissions.add(*review)
    content = Permission.objects.filter(
        content_type__app_label="education",
        codename__in=[f"{action}_{model}" for action in CONTENT_ACTIONS for model in CONTENT_MODELS],
    )
    rules = Permission.objects.filter(
        content_type__app_label="intake",
        codename__in=[f"{action}_{model}" for action in RULE_ACTIONS for model in RULE_MODELS],
    )
    readers = Permission.objects.filter(content_type__app_label="education", codename__in=READER_PERMISSIONS)
    door = Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin")
    for name in (EDITOR, REVIEWER):
        groups[name].permissions.add(*door, *content, *rules, *readers)
        _let_edit_pages(groups[name], PAGE_PERMISSIONS[name])
        _let_use_images(groups[name])
    publish = Permission.objects.filter(codename__in=PUBLISH_PERMISSIONS)
    groups[REVIEWER].permissions.add(*publish)
    groups[EDITOR].permissions.remove(*publish)


def _let_edit_pages(group, codenames):
    from django.contrib.auth.models import Permission
    from wagtail.models import GroupPagePermission, Page

    root = Page.get_first_root_node()
    if root is None:
        return
    for codename in codenames:
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    if "publish_page" not in codenames:
        group.page_permissions.filter(page=root, permission__codename="publish_page").delete()


def _let_use_images(group):
    from django.contrib.auth.models import Permission
    from wagtail.models import Collection, GroupCollectionPermission

    root = Collection.get_first_root_node()
    if root is None:
        return
    for codename in ("add_image", "change_image", "choose_image"):
        permission = Permission.objects.filter(content_type__app_label="wagtailimages", codename=codename).first()
        if permission:
            GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)


def may_review(user):
    """May this person work in /staff/? Admins may as well; editors and reviewers of content never."""
    return user.is_active and user.has_perm("intake.review_submission")


def may_edit(user):
    """May this person work in /cms/?"""
    return user.is_active and user.has_perm("wagtailadmin.access_admin")
