"""A policy file as a department would send it."""


def example() -> dict:
    """A file of one document and one item, as docs/policy-format.md describes it."""
    return {
        "format": 1,
        "documents": [
            {
                "code": "DOC-A",
                "title": "若干措施",
                "number": "垫府发〔2026〕1号",
                "issuer": "垫江县人民政府",
                "level": "county",
                "region": "500231",
                "body": "奖励 <首次> 认定的企业。",
                "source": {"where": "dianjiang.gov.cn", "certainty": "official"},
            }
        ],
        "items": [
            {
                "code": "ITEM-A",
                "title": "认定奖励",
                "summary": "奖励首次认定的企业。",
                "gain": "一次性奖励 10 万元。",
                "department": "economy",
                "co_departments": ["finance"],
                "level": "county",
                "region": "500231",
                "benefit": "money",
                "mode": "apply",
                "targets": ["中小企业"],
                "topics": ["专精特新"],
                "window": {"from": "2026-01-01", "to": None},
                "materials": [{"name": "营业执照", "supplied_by": "system", "basis": "typical"}],
                "steps": ["申报", "审核"],
                "budget": "300 万元",
                "sources": [{"document": "DOC-A", "clause": "第三条", "basis": "stated"}],
                "rule": {
                    "valid_from": "2026-01-01",
                    "valid_to": "2099-12-31",
                    "conditions": {
                        "all": [
                            {"fact": "region", "op": "within", "value": ["500231"]},
                            {"fact": "revenue", "period": "Y-1", "op": ">=", "value": "2000", "unit": "万元"},
                        ]
                    },
                    "amount": {"fixed": "10", "unit": "万元"},
                },
                "examples": examples(),
            }
        ],
    }


def examples() -> list[dict]:
    """On the boundary, a fen below it, and unknown."""
    return [
        {
            "name": "刚好两千万",
            "as_of": "2026-06-01",
            "facts": {"region": "500231", "revenue": {"2025": "2000 万元"}},
            "verdict": "eligible",
            "amount": ["10 万元", "10 万元"],
        },
        {
            "name": "差一分钱",
            "as_of": "2026-06-01",
            "facts": {"region": "500231", "revenue": {"2025": "19999999.99 元"}},
            "verdict": "ineligible",
        },
        {"name": "不知道营收", "facts": {"region": "500231"}, "verdict": "needs_info"},
    ]
