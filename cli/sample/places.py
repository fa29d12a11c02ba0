"""The three regions of the sample's sales organisation, and the cities its teams work in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class City:
    """`province` is empty for a municipality; `code` is of GB/T 2260, `area_code` of telephones."""

    name: str
    pinyin: str
    province: str
    districts: tuple[str, ...]
    code: str
    area_code: str

    def address(self, district: str, line: str) -> str:
        return f"{self.province}{self.name}市{district}{line}"

    def place(self, district: str, line: str) -> dict[str, str]:
        """The same in parts, as kith.v1.PostalAddress has them."""
        city = f"{self.name}市"
        return {
            "region_code": "CN",
            "administrative_area": self.province or city,
            "locality": city,
            "sublocality": district,
            "address_line": line,
        }


@dataclass(frozen=True)
class Region:
    name: str
    english: str
    cities: tuple[City, ...]


REGIONS = (
    Region(
        "华东",
        "East",
        (
            City("上海", "shanghai", "", ("浦东新区", "徐汇区", "闵行区"), "310000", "021"),
            City("杭州", "hangzhou", "浙江省", ("西湖区", "滨江区", "余杭区"), "330100", "0571"),
        ),
    ),
    Region(
        "华南",
        "South",
        (
            City("广州", "guangzhou", "广东省", ("天河区", "越秀区", "番禺区"), "440100", "020"),
            City("深圳", "shenzhen", "广东省", ("南山区", "福田区", "宝安区"), "440300", "0755"),
        ),
    ),
    Region(
        "西部",
        "West",
        (
            City("成都", "chengdu", "四川省", ("武侯区", "高新区", "锦江区"), "510100", "028"),
            City("重庆", "chongqing", "", ("渝中区", "江北区", "南岸区"), "500000", "023"),
        ),
    ),
)
