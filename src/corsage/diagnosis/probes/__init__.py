"""Further questions to a server, where what a browser saw leaves several causes open.

Pure: :mod:`~corsage.diagnosis.probes.table` says what each question is and which causes it tells
apart, :mod:`~corsage.diagnosis.probes.plan` which one is worth asking next, and
:mod:`~corsage.diagnosis.probes.rules` what the answers mean. Whoever has a server sends them.
"""
