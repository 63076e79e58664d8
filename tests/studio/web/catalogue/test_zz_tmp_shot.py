import os
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="1"
import pytest
from playwright.sync_api import sync_playwright
from django.conf import settings
from django.test import Client
from studio.models import Role
from tests.builders_runs import install, starter_pack
@pytest.mark.django_db(transaction=True)
def test_shots(live_server, browser_of):
    install("vet_clinic")
    c=browser_of(Role.OWNER); cookie=c.cookies[settings.SESSION_COOKIE_NAME].value
    tool=next(iter(starter_pack("vet_clinic").tools))
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium",args="--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split())
        for w,s in ((1400,"light"),(390,"dark")):
            x=b.new_context(viewport={"width":w,"height":900},color_scheme=s)
            x.add_cookies([{"name":settings.SESSION_COOKIE_NAME,"value":cookie,"url":live_server.url}])
            g=x.new_page(); g.on("console",lambda m:print("CONSOLE",m.text))
            for n,u in (("index","/catalogue/"),("domain","/catalogue/vet_clinic/"),("policy","/catalogue/vet_clinic/policy/"),("intents","/catalogue/vet_clinic/intents/"),("releases","/catalogue/vet_clinic/releases/"),("tool",f"/catalogue/vet_clinic/tools/{tool}/")):
                r=g.goto(live_server.url+u); print(n,w,r.status,g.evaluate("document.documentElement.scrollWidth"))
                g.screenshot(path=f"/tmp/cat_{n}_{w}.png")
