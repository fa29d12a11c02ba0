// What the page says, in both languages.
export const words = {
  en: {
    find: 'Find', loading: 'Loading…', failed: 'The document could not be read.', parameters: 'Parameters', body: 'Body',
    answer: 'Answer', fields: 'Fields', name: 'Name', kind: 'Kind', says: 'Meaning', needed: 'needed', readOnly: 'set by the server',
    immutable: 'never changes', sortable: 'sortable', searchable: 'found by words', refers: 'refers to', permission: 'Needs the permission',
    open: 'Nobody need be signed in.', tryIt: 'Try it', send: 'Send', signIn: 'Sign in', signOut: 'Sign out', email: 'E-mail',
    password: 'Password', tenant: 'Tenant (if needed)', nobody: 'Nobody is signed in', reasons: 'Reasons of refusal', schemas: 'Shapes',
    other: '中文', otherCode: 'zh', events: 'Events, as AsyncAPI', values: 'Values', stream: 'Streams are not tried here: use EventSource or curl -N.',
    welcome: 'Choose an operation. Programs use “Authorization: Bearer” with an access token or an API key; this page uses your session.',
  },
  zh: {
    find: '查找', loading: '正在加载…', failed: '无法读取接口文档。', parameters: '参数', body: '请求内容', answer: '返回内容',
    fields: '字段', name: '名称', kind: '类型', says: '含义', needed: '必填', readOnly: '由系统填写', immutable: '不可修改',
    sortable: '可排序', searchable: '可搜索', refers: '关联', permission: '所需权限', open: '无需登录。', tryIt: '试用', send: '发送',
    signIn: '登录', signOut: '退出登录', email: '邮箱', password: '密码', tenant: '租户（如需要）', nobody: '尚未登录', reasons: '拒绝原因',
    schemas: '数据结构', other: 'English', otherCode: 'en', events: '事件（AsyncAPI）', values: '取值', stream: '此处不试用事件流，请使用 EventSource 或 curl -N。',
    welcome: '请选择一个操作。程序使用“Authorization: Bearer”加访问令牌或 API 密钥；本页面使用您的登录会话。',
  },
};

const asked = localStorage.getItem('kith.language') || navigator.language || 'en';
export const page = { language: asked.startsWith('zh') ? 'zh' : 'en' };
export const say = (key) => words[page.language][key];
export const labelOf = (thing, otherwise) => thing?.['x-kith-label']?.[page.language] || otherwise;

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== ''));
  return made;
}
