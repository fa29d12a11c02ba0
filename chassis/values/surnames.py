"""Chinese surnames that a reader must know: those of two characters, and those that are read in their own way."""


def table_of(text: str) -> dict[str, tuple[str, ...]]:
    """`曾zeng1 尉迟yu4chi2` as character(s) → readings, each a syllable and its tone."""
    found = {}
    for entry in text.split():
        name = "".join(letter for letter in entry if not letter.isascii())
        spelled = entry[len(name) :]
        for tone in "12345":
            spelled = spelled.replace(tone, tone + " ")
        found[name] = tuple(spelled.split())
    return found


# Libraries give 曾 as céng and 单 as dān; as surnames these are what their bearers say.
READINGS = table_of("""
    曾zeng1 单shan4 仇qiu2 解xie4 区ou1 查zha1 朴piao2 盖ge3 任ren2 华hua4 盛sheng4 翟zhai2 覃qin2 宁ning4 种chong2
    洗xian3 冼xian3 员yun4 贠yun4 乜nie4 那na1 哈ha3 葛ge3 纪ji3 过guo1 召shao4 缪miao4 燕yan1 折she2 阚kan4 令ling2
    訾zi1 费fei4 卜bu3 牟mu4 秘bi4 黑he4 能nai4 应ying1 曲qu1 隗wei3 车che1 繁po2 朝chao2 乐yue4 石shi2 沈shen3
    宓mi4 逄pang2 逯lu4 佴nai4 郇xun2 郗xi1 都du1 瞿qu2 佘she2 冯feng2 幺yao1 褚chu3 晁chao2 眭sui1 角jue2 祭zhai4
    恽yun4 璩qu2 蔚yu4 尹yin3 殷yin1 芈mi3 莘shen1 句gou1 谌chen2 昝zan3 笪da2 呙guo1 撒sa3 宿su4 重chong2 薄bo2
    柏bai3 万wan4 占zhan1 强qiang2 厍she4 郄qie4 长chang2 阿a1 观guan4 藏zang4 将jiang4 干gan1 相xiang4 俞yu2 於yu1
    尧yao2 臧zang1 仉zhang3 靳jin4 荀xun2 邰tai2 闵min3 亓qi2 妫gui1 鄢yan1 郏jia2 卻qie4 诸zhu1 余yu2 佟tong2 谯qiao2
""")

COMPOUND = table_of("""
    欧阳ou1yang2 司马si1ma3 上官shang4guan1 诸葛zhu1ge3 东方dong1fang1 夏侯xia4hou2 尉迟yu4chi2 万俟mo4qi2
    皇甫huang2fu3 澹台tan2tai2 公孙gong1sun1 令狐ling2hu2 慕容mu4rong2 宇文yu3wen2 长孙zhang3sun1 鲜于xian1yu2
    司徒si1tu2 司空si1kong1 闻人wen2ren2 端木duan1mu4 西门xi1men2 南宫nan2gong1 独孤du2gu1 轩辕xuan1yuan2
    呼延hu1yan2 钟离zhong1li2 单于chan2yu2 太叔tai4shu1 申屠shen1tu2 公冶gong1ye3 宗政zong1zheng4 濮阳pu2yang2
    淳于chun2yu2 赫连he4lian2 乐正yue4zheng4 百里bai3li3 东郭dong1guo1 南门nan2men2 羊舌yang2she2 微生wei1sheng1
    左丘zuo3qiu1 梁丘liang2qiu1 闾丘lv2qiu1 东门dong1men2 公羊gong1yang2 漆雕qi1diao1 壤驷rang3si4 拓跋tuo4ba2
    颛孙zhuan1sun1 巫马wu1ma3 公西gong1xi1 夹谷jia2gu3 谷梁gu3liang2 第五di4wu3 子车zi3ju1 亓官qi2guan1 仲孙zhong4sun1
    叔孙shu1sun1 完颜wan2yan2 纳兰na4lan2 耶律ye1lv4 叶赫ye4he4 那拉na4la1 贺兰he4lan2 宰父zai3fu3 段干duan4gan1
""")
