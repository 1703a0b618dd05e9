"""What users mistype; a type checker must point at each line that says so. Never run."""

from fastapi import FastAPI

from corsage import Cors
from corsage.policy import load_policy

api = FastAPI()

Cors(api, allow_origin=["https://a.example"])  # wrong
Cors(api, allow_credentials="yes")  # wrong
Cors(api, stray="all")  # wrong
Cors(3)  # wrong
Cors(api, allow_origins="*").replace(max_age="600")  # wrong
load_policy("version: 1", read_file=lambda name: 3)  # wrong
