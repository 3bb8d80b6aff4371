"""What gunicorn loads: `lms.wsgi:app`, with the settings of the environment."""

import os

from lms.app import create_app
from lms.kernel.config import Settings
from lms.kernel.logs import configure_logs

configure_logs()
app = create_app(Settings.from_environ(os.environ))
