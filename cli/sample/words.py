"""What the sample's names are made of; surnames as often as they are in China."""

SURNAMES = (  # per thousand people, roughly; with the pinyin of the surname
    ("王", "wang", 72), ("李", "li", 72), ("张", "zhang", 68), ("刘", "liu", 54), ("陈", "chen", 47),
    ("杨", "yang", 31), ("黄", "huang", 23), ("赵", "zhao", 22), ("吴", "wu", 20), ("周", "zhou", 20),
    ("徐", "xu", 15), ("孙", "sun", 15), ("马", "ma", 14), ("朱", "zhu", 13), ("胡", "hu", 12), ("郭", "guo", 12),
    ("何", "he", 12), ("林", "lin", 11), ("罗", "luo", 10), ("高", "gao", 10), ("郑", "zheng", 9), ("梁", "liang", 9),
    ("谢", "xie", 8), ("宋", "song", 8), ("唐", "tang", 7), ("许", "xu", 7), ("邓", "deng", 6), ("冯", "feng", 6),
    ("韩", "han", 6), ("曹", "cao", 5), ("曾", "zeng", 5), ("彭", "peng", 5), ("欧阳", "ouyang", 2), ("单", "shan", 1),
    ("仇", "qiu", 1), ("司马", "sima", 1),
)  # fmt: skip
GIVEN = (
    ("伟", "wei"), ("芳", "fang"), ("娜", "na"), ("秀英", "xiuying"), ("敏", "min"), ("静", "jing"), ("丽", "li"),
    ("强", "qiang"), ("磊", "lei"), ("军", "jun"), ("洋", "yang"), ("勇", "yong"), ("艳", "yan"), ("杰", "jie"),
    ("涛", "tao"), ("明", "ming"), ("超", "chao"), ("霞", "xia"), ("平", "ping"), ("刚", "gang"), ("桂英", "guiying"),
    ("文博", "wenbo"), ("浩然", "haoran"), ("子涵", "zihan"), ("雨桐", "yutong"), ("欣怡", "xinyi"), ("宇轩", "yuxuan"),
    ("思远", "siyuan"), ("嘉怡", "jiayi"), ("志强", "zhiqiang"), ("建国", "jianguo"), ("晓东", "xiaodong"),
    ("雪梅", "xuemei"), ("海燕", "haiyan"), ("佳琪", "jiaqi"), ("天宇", "tianyu"), ("梦瑶", "mengyao"),
    ("鹏飞", "pengfei"), ("国栋", "guodong"), ("䶮", "yan"),
)  # fmt: skip
ENGLISH_GIVEN = (
    "Emma", "Oliver", "Amelia", "Jack", "Sofia", "Noah", "Grace", "Lucas", "Hannah", "Ethan", "Chloe", "Daniel",
    "Maya", "Samuel", "Priya", "Marco", "Ingrid", "Tomás", "Aisha", "Felix",
)  # fmt: skip
ENGLISH_FAMILY = (
    "Smith", "Jones", "Taylor", "Brown", "Wilson", "Evans", "Khan", "Roberts", "Wright", "Hughes", "Müller", "Schmidt",
    "Rossi", "García", "Novak", "Dubois", "Larsen", "O'Brien", "Tan", "Patel",
)  # fmt: skip

MARKS = (  # what a company calls itself
    ("远景", "yuanjing"), ("恒信", "hengxin"), ("华腾", "huateng"), ("鼎新", "dingxin"), ("博远", "boyuan"),
    ("锦程", "jincheng"), ("瑞丰", "ruifeng"), ("天成", "tiancheng"), ("宏达", "hongda"), ("嘉禾", "jiahe"),
    ("云启", "yunqi"), ("同创", "tongchuang"), ("盛泰", "shengtai"), ("海岳", "haiyue"), ("星河", "xinghe"),
    ("永固", "yonggu"), ("立德", "lide"), ("明达", "mingda"), ("正阳", "zhengyang"), ("青禾", "qinghe"),
    ("蓝桥", "lanqiao"), ("中孚", "zhongfu"), ("万川", "wanchuan"), ("启航", "qihang"), ("卓越", "zhuoyue"),
    ("惠民", "huimin"), ("安信", "anxin"), ("金石", "jinshi"), ("东禾", "donghe"), ("西岭", "xiling"),
)  # fmt: skip
TRADES = (  # as a company's name says it, the industry as an account does, in English
    ("机器人", "智能制造", "Robotics"), ("精密机械", "智能制造", "Precision"), ("电子科技", "电子", "Electronics"),
    ("信息技术", "软件与信息服务", "Software"), ("生物医药", "医药", "Biotech"), ("医疗器械", "医药", "Medical"),
    ("食品", "食品饮料", "Foods"), ("物流", "物流", "Logistics"), ("新能源", "能源", "Energy"),
    ("建筑工程", "建筑", "Construction"), ("教育科技", "教育", "Learning"), ("商贸", "零售批发", "Trading"),
)  # fmt: skip
FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "集团有限公司")
ENGLISH_MARKS = (
    "Harbour", "Northgate", "Summit", "Bluefield", "Oakridge", "Silverline", "Kestrel", "Meridian", "Ashford",
    "Greystone", "Lakeside", "Fairway", "Pinnacle", "Redwood", "Brightwater", "Castlegate", "Windmere", "Highfield",
    "Stonebridge", "Clearview",
)  # fmt: skip
ENGLISH_FORMS = ("Ltd", "Ltd", "plc", "Group Ltd")
POSITIONS = (
    "总经理", "采购经理", "采购总监", "信息中心主任", "IT经理", "财务总监", "运营总监", "生产经理", "技术总监",
)  # fmt: skip
ENGLISH_POSITIONS = ("Managing Director", "Buyer", "Head of IT", "CFO", "COO", "Plant Manager", "CTO", "Office Manager")
SOURCES = ("官网", "展会", "转介绍", "电话营销", "广告", "微信公众号")
STREETS = ("人民路", "中山路", "建设路", "科技路", "解放大道", "滨江大道", "学府路", "创业街", "天府大道", "长江路")
ENGLISH_STREETS = ("High Street", "Station Road", "Church Lane", "Mill Road", "Park Avenue", "King Street")
PRODUCTS = (
    "协作机器人",
    "视觉检测系统",
    "自动化产线",
    "MES 系统",
    "仓储机器人",
    "设备维保年约",
    "数据平台",
    "能耗管理系统",
)
ENGLISH_PRODUCTS = ("Collaborative robots", "Vision inspection", "Assembly line", "MES rollout", "Service contract")
