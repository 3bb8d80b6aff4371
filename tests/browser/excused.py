"""GET routes that no browser test needs to visit, each with its reason. A route that is gone may not stay here."""

EXCUSED: dict[str, str] = {
    "static": "files, fetched by every page; not a page itself",
    "health.live": "a word for machines",
    "health.ready": "a word for machines",
    "health.metrics": "numbers for machines",
    "documents.activity_profile": "programs ask it, and show a credential; its own tests ask as they do",
    "documents.agent_profile": "programs ask it, and show a credential; its own tests ask as they do",
    "documents.state": "programs ask it, and show a credential; its own tests ask as they do",
    "statements.activities": "programs ask it, and show a credential; its own tests ask as they do",
    "statements.agents": "programs ask it, and show a credential; its own tests ask as they do",
    "statements.about": "programs ask it, and show a credential; its own tests ask as they do",
    "statements.missing": "programs ask it, and show a credential; its own tests ask as they do",
    "statements.statements": "programs ask it, and show a credential; its own tests ask as they do",
    "reading.export_progress": "a part of a page, asked for again and again while a long file is written",
    "lti_register.nothing": "it is not a page: it answers 404, and a browser does look at that",
    "lti_keys.icon": "a picture for other sites",
    "lti_keys.jwks": "platforms read it, never a person",
    "planning.batch_progress": "a part of a page, asked for again and again while a long list is carried out",
}
