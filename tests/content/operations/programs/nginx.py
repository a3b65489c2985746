"""`nginx -t`: the real one where it is installed, over the configuration below the root."""

import os
import pathlib
import sys

root = pathlib.Path(os.environ["TEST_ROOT"])
program = next((path for path in ("/usr/sbin/nginx", "/usr/bin/nginx") if pathlib.Path(path).exists()), "")
if not program:
    print("nginx is not installed here; its configuration is not tried")
    sys.exit(0)
main = root / "etc/nginx/nginx.conf"
main.write_text(
    f"pid {root}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{ access_log off; "
    + "".join(
        f"{kind}_temp_path {root}/nginx-{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    + f"include {root}/etc/nginx/conf.d/*.conf; }}\n",
    encoding="utf-8",
)
os.execv(program, ["nginx", *sys.argv[1:], "-c", str(main), "-p", str(root)])
