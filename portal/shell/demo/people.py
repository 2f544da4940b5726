"""Who can sign in to the demo. All accounts share one password; staff have fixed authenticators."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from portal.accounts.roles import Role
from portal.shell.demo.firm import credit_code
from portal.shell.demo.population import FIRST_NUMBER
from portal.shell.demo.showcase import HUBS, LESSONS

PASSWORD: Final = "dianxiaoer-2026"  # noqa: S105 - printed on purpose, refused in production


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the demo and why to sign in as them.

    ``role`` in each of ``departments``, or membership ``member`` of the firms ``enterprises``.
    """

    username: str
    name: str
    look: str
    role: Role | None = None
    departments: tuple[str, ...] = ()
    member: str = ""
    enterprises: tuple[str, ...] = ()
    banker: bool = False
    """Works at the desk of a bank (see `demo.finance.bankers`): no official, but with an authenticator."""

    @property
    def staff(self) -> bool:
        return self.role is not None


UNCLAIMED: Final = credit_code("1", FIRST_NUMBER)
"""The first company of the drawn population, 重庆诚裕传动科技有限公司: nobody's yet."""

OFFICES: Final = (
    "economy",
    "science",
    "statistics",
    "development",
    "commerce",
    "market",
    "tax",
    "hr",
    "finance",
    "financial_services",
    "culture_tourism",
    "agriculture",
)
"""Departments that have policy items in the demo."""

OFFICES_PAYING: Final = ("finance", "economy", "financial_services")
"""Departments with budget lines, and the one that runs the risk pools."""

ACCOUNTS: Final = (
    Account(
        "hub", "陈明远", "渝东轮毂的政策：符合、待补充、差一点", None, (), "legal_representative", (HUBS,)
    ),
    Account("hub_agent", "周桂兰", "同一家企业的经办人", None, (), "agent", (HUBS,)),
    Account("lesson", "林晓慧", "启明星教育科技的政策", None, (), "legal_representative", (LESSONS,)),
    Account("agent", "何佳", "代理记账：同时为两家企业办事", None, (), "agent", (HUBS, LESSONS)),
    Account("visitor", "谭立新", f"还没有企业的访客，可认领 {UNCLAIMED}"),
    Account("provider", "罗永强", "知识产权代理机构：抢单、接单、答复"),
    Account("rival", "邓小梅", "与它竞争的科技咨询机构"),
    Account("centre", "蒋文静", "公共服务中心与协会：代表两家机构接单"),
    Account("editor", "刘思宇", "编写政策文件和事项", Role.EDITOR, OFFICES),
    Account("publisher", "赵国强", "发布、撤回事项（不能发布自己写的）", Role.PUBLISHER, OFFICES),
    Account("reviewer", "孙晓云", "审核企业认领（后台“企业认领”）和申报", Role.REVIEWER, ("economy",)),
    Account("reviewer2", "潘雪梅", "财政局、税务局的审核人：出具联审意见", Role.REVIEWER, ("finance", "tax")),
    Account("preparer", "吴海燕", "编制批次、核对收款账户", Role.PAYMENT_PREPARER, OFFICES_PAYING),
    Account(
        "confirmer",
        "郑文涛",
        "用动态码确认拨付批次",
        Role.PAYMENT_CONFIRMER,
        ("finance", "economy"),
    ),
    Account(
        "releaser", "冯建平", "用动态码下达拨付批次；登记代偿拨付", Role.PAYMENT_RELEASER, OFFICES_PAYING
    ),
    Account("dispatcher", "梁静", "诉求派单", Role.DISPATCHER, ("industry_commerce_federation",)),
    Account("handler", "田国栋", "承办诉求：接单、退单、答复", Role.HANDLER, ("economy",)),
    Account("mediator", "夏雨", "诉求协调：二次退单由谁承办", Role.MEDIATOR, ("county_office",)),
    Account("supervisor", "韩志刚", "督办", Role.SUPERVISOR, ("county_office",)),
    Account("leader", "唐宏", "分管县经济信息委的领导：审定申报、督办、统计", Role.LEADER, ("economy",)),
    Account("paired", "向志远", "结对干部：我联系的企业、走访登记", Role.PAIRED, ("economy",)),
    Account(
        "pool_reviewer",
        "苏晴",
        "县金融服务中心：审核代偿、提出白名单",
        Role.REVIEWER,
        ("financial_services",),
    ),
    Account(
        "pool_leader",
        "江海涛",
        "县金融服务中心的领导：批准代偿、确认白名单、恢复资金池",
        Role.LEADER,
        ("financial_services",),
    ),
    Account("banker", "钟敏", "农业银行的客户经理：受理、尽调、登记放款还款", banker=True),
    Account("bank_manager", "黎伟", "农业银行的负责人：同上，可以核销", banker=True),
    Account("bank_rival", "柏杨", "重庆农商行的客户经理：抢单大厅", banker=True),
    Account("sysadmin", "曹磊", "系统管理：用户、部门、岗位", Role.SYSTEM_ADMIN, ("data",)),
    Account("secadmin", "袁敏", "安全管理", Role.SECURITY_ADMIN, ("data",)),
    Account("auditadmin", "许诚", "审计管理：变更历史", Role.AUDIT_ADMIN, ("audit",)),
)


def totp_secret(username: str) -> str:
    """The fixed base-32 secret of a demo account's authenticator."""
    return base64.b32encode(hashlib.sha1(f"demo {username}".encode()).digest()).decode()  # noqa: S324
