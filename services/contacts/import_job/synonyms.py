"""What people call the fields of customers in their tables, beside the labels of the contract."""

_MADE = (
    "创建时间 创建日期 录入时间 录入日期 建档时间 建档日期 登记时间 登记日期 createtime createdtime createdat created "
    "createdate createddate createdon creationdate creationtime datecreated dateadded addedon addedat"
)

# Whole names first, then words of which one in a name is enough. Names are compared without case, blanks and signs.
NAMES: dict[str, dict[str, str]] = {
    "contacts.contact": {
        "display_name": "姓名 名字 联系人 联系人姓名 客户姓名 全名 name fullname contact contactname person "
        "customername",
        "family_name": "姓 姓氏 lastname surname familyname",
        "given_name": "名 firstname givenname forename",
        "account": "公司 公司名称 单位 工作单位 企业 企业名称 客户 客户名称 所属公司 company companyname account "
        "accountname organization organisation employer firm",
        "phones": "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码 座机 固话 phone phonenumber mobile mobilephone "
        "cell cellphone telephone tel workphone",
        "emails": "邮箱 邮件 电子邮箱 电子邮件 邮箱地址 email emailaddress mail",
        "address": "地址 住址 联系地址 通讯地址 公司地址 address street mailingaddress postaladdress",
        "position": "职位 职务 岗位 头衔 position title jobtitle role",
        "id_number": "证件号码 身份证号 身份证号码 身份证 护照号 idnumber idcard idcardnumber passportnumber",
        "birthday": "生日 出生日期 birthday birthdate dateofbirth dob",
        "source": "来源 客户来源 渠道 source leadsource",
        "description": "备注 说明 描述 note notes remark remarks comment comments description",
        "salutation": "称谓 salutation",
        "language": "语言 language",
        "external_ids": "编号 外部编号 客户编号 id externalid contactid customerid recordid",
        "create_time": _MADE,
    },
    "contacts.account": {
        "display_name": "公司 公司名称 企业 企业名称 单位 单位名称 客户 客户名称 名称 name company companyname account "
        "accountname organization organisation customer customername",
        "legal_name": "法定名称 注册名称 全称 公司全称 legalname registeredname",
        "registration_number": "统一社会信用代码 信用代码 注册号 工商注册号 税号 纳税人识别号 registrationnumber "
        "registrationno companynumber taxid vatnumber",
        "website": "网站 网址 官网 主页 website web url homepage",
        "industry": "行业 所属行业 industry sector vertical branch",
        "type": "类型 客户类型 type accounttype customertype",
        "employee_count": "员工人数 员工数 人数 规模 employees employeecount numberofemployees headcount staff",
        "annual_revenue": "年营业额 营业额 年收入 营收 revenue annualrevenue turnover sales",
        "region": "区域 地区 大区 国家 region area territory country location",
        "phones": "电话 公司电话 联系电话 座机 总机 phone phonenumber telephone tel",
        "emails": "邮箱 公司邮箱 电子邮箱 email emailaddress mail",
        "billing_address": "地址 公司地址 注册地址 账单地址 发票地址 address billingaddress street",
        "shipping_address": "收货地址 送货地址 shippingaddress deliveryaddress",
        "parent": "上级客户 上级公司 母公司 总公司 所属集团 集团 parent parentaccount parentcompany headquarters group",
        "source": "来源 客户来源 source leadsource",
        "description": "备注 说明 描述 简介 note notes remark remarks comment comments description",
        "external_ids": "编号 外部编号 客户编号 id externalid accountid customerid recordid",
        "create_time": _MADE,
    },
}
WORDS: dict[str, dict[str, str]] = {
    "contacts.contact": {
        "emails": "email mail 邮箱 邮件",
        "phones": "phone mobile telephone tel 电话 手机",
        "address": "address 地址",
        "account": "company employer 公司 单位",
    },
    "contacts.account": {
        "emails": "email mail 邮箱 邮件",
        "phones": "phone telephone tel 电话",
        "billing_address": "address 地址",
        "region": "region territory country location 区域",
        "parent": "parent subsidiary subsidiaries holding 母公司 上级",
        "annual_revenue": "revenue turnover 营业额",
        "employee_count": "employees headcount 员工",
        "industry": "industry sector 行业",
    },
}
