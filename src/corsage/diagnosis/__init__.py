"""Why did the browser block it, who is to blame, and what is to be changed?

From what was recorded of a failure, without a server to ask: observations, console lines, curl
output, HAR files and headers. Pure: text in, values out.
"""
