"""The words of the dossier's template: headings and columns."""

from typing import Any

from django.utils.translation import gettext as _


def words() -> dict[str, Any]:
    """By the names the template calls them."""
    return {
        "service": _("企业服务云平台"),
        "dossier": _("诉求卷宗"),
        "secret": _("仅供督办使用，请勿外传；每次调阅都有记录。"),
        "page": _("第 {page} 页 共 {pages} 页"),
        "none": _("无"),
        "text": _("诉求内容"),
        "orders": _("工单"),
        "assignments": _("派单记录"),
        "assigned": [_("时间"), _("派给"), _("人员"), _("缘由"), _("派单人")],
        "clocks": _("时限"),
        "clock": [_("时限"), _("时长"), _("开始"), _("到期"), _("结果")],
        "answer": _("答复"),
        "promises": _("承诺"),
        "promise": [_("承诺日期"), _("内容"), _("结果"), _("说明")],
        "survey": _("企业评价"),
        "happened": _("经过"),
        "event": [_("时间"), _("事项"), _("办理人"), _("说明"), _("公开")],
        "public": _("公开"),
        "inner": _("内部"),
        "files": _("附件"),
        "file": [_("文件名"), _("上传人"), _("上传时间"), _("SHA-256（前 16 位）")],
    }
