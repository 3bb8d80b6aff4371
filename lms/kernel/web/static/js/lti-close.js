// A registration in another's platform is done: tell whoever opened us, so that it closes this window or frame
// (LTI Dynamic Registration 1.0, 3.7). Only the platform's own origin hears it.

const origin = document.querySelector("[data-lti-close]").dataset.ltiClose;
const opener = window.opener ?? (window.parent === window ? null : window.parent);
opener?.postMessage({ subject: "org.imsglobal.lti.close" }, origin);
