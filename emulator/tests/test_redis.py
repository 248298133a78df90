"""A replication group takes the tokens that ElastiCache takes, at an address where somebody answers."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Any

from .support import EmulatorWithDirectoryTestCase

_OLD, _NEW, _NEWEST = "old-token-" + "a" * 16, "new-token-" + "b" * 16, "newest-token-" + "c" * 16
_WRONGPASS = "-WRONGPASS invalid username-password pair or user is disabled."


class RedisTest(EmulatorWithDirectoryTestCase):
    def setUp(self) -> None:
        self.client = self.server.client("elasticache")
        self.create("r", AuthToken=_OLD, TransitEncryptionEnabled=True)

    def tearDown(self) -> None:
        self.server.control("DELETE", "faults")
        for group in self.client.describe_replication_groups()["ReplicationGroups"]:
            self.client.delete_replication_group(ReplicationGroupId=group["ReplicationGroupId"])

    def create(self, name: str, **settings: Any) -> None:
        self.client.create_replication_group(
            ReplicationGroupId=name, ReplicationGroupDescription="d", NumCacheClusters=2, **settings
        )

    def modify(self, **settings: Any) -> None:
        self.client.modify_replication_group(ReplicationGroupId="r", ApplyImmediately=True, **settings)

    def refusal(self, **settings: Any) -> tuple[str, str]:
        with self.assertRaises(self.client.exceptions.ClientError) as caught:
            self.modify(**settings)
        error = caught.exception.response["Error"]
        return error["Code"], error["Message"]

    def address(self, group: str = "r") -> tuple[str, int]:
        document = self.client.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]
        endpoint = document["NodeGroups"][0]["PrimaryEndpoint"]
        return endpoint["Address"], endpoint["Port"]

    def ask(self, *commands: str, group: str = "r", tls: bool = True) -> list[str]:
        """The first line of each answer."""
        address = self.address(group)
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(socket.create_connection(address, timeout=60))
            if tls:
                context = ssl.create_default_context(cafile=f"{self.directory.name}/local-ca.pem")
                connection = stack.enter_context(context.wrap_socket(connection, server_hostname=address[0]))
            stream = stack.enter_context(connection.makefile("rwb"))
            answers = []
            for command in commands:
                words = command.split()
                stream.write(f"*{len(words)}\r\n".encode())
                stream.writelines(f"${len(word)}\r\n{word}\r\n".encode() for word in words)
                stream.flush()
                answers.append(stream.readline().decode().strip())
            return answers

    def test_a_login_is_needed_and_checked(self) -> None:
        self.assertEqual(self.address()[1], 6379)
        self.assertEqual(
            self.ask("PING", f"AUTH {_OLD}", "PING", "QUIT"),
            ["-NOAUTH Authentication required.", "+OK", "+PONG", "+OK"],
        )
        self.assertEqual(self.ask(f"AUTH default {_OLD}"), ["+OK"])
        self.assertEqual(self.ask(f"AUTH {_NEW}", f"AUTH other {_OLD}"), [_WRONGPASS, _WRONGPASS])
        self.assertEqual(self.ask(f"HELLO 3 AUTH default {_OLD} SETNAME x"), ["%4"])
        self.assertEqual(self.ask("HELLO 2")[0].split()[0], "-NOAUTH")
        self.assertEqual(self.ask(f"AUTH {_OLD}", "CLIENT SETNAME x", "SELECT 0", "GET k")[1:3], ["+OK", "+OK"])

    def test_rotate_takes_both_and_set_ends_the_old_one(self) -> None:
        self.modify(AuthToken=_NEW, AuthTokenUpdateStrategy="ROTATE")
        self.assertEqual(self.ask(f"AUTH {_OLD}", f"AUTH {_NEW}"), ["+OK", "+OK"])
        self.modify(AuthToken=_NEW, AuthTokenUpdateStrategy="SET")
        self.assertEqual(self.ask(f"AUTH {_OLD}", f"AUTH {_NEW}"), [_WRONGPASS, "+OK"])

    def test_a_third_token_ends_the_oldest(self) -> None:
        self.modify(AuthToken=_NEW, AuthTokenUpdateStrategy="ROTATE")
        self.modify(AuthToken=_NEWEST)
        self.assertEqual(self.ask(*(f"AUTH {t}" for t in (_OLD, _NEW, _NEWEST))), [_WRONGPASS, "+OK", "+OK"])

    def test_set_without_rotate_is_refused_and_changes_nothing(self) -> None:
        refused = ("InvalidParameterValue", "Auth token update strategy SET is allowed only after ROTATE")
        settings = {"AuthToken": _NEW, "AuthTokenUpdateStrategy": "SET", "SnapshotRetentionLimit": 9}
        self.assertEqual(self.refusal(**settings), refused)
        self.assertEqual(self.ask(f"AUTH {_OLD}", f"AUTH {_NEW}"), ["+OK", _WRONGPASS])
        group = self.client.describe_replication_groups(ReplicationGroupId="r")["ReplicationGroups"][0]
        self.assertNotEqual(group.get("SnapshotRetentionLimit"), 9)
        self.modify(AuthToken=_NEW, AuthTokenUpdateStrategy="ROTATE")
        self.modify(AuthToken=_NEW, AuthTokenUpdateStrategy="SET")
        self.assertEqual(self.refusal(AuthToken=_NEWEST, AuthTokenUpdateStrategy="SET"), refused)

    def test_tokens_of_another_form_and_delete_are_refused(self) -> None:
        for token in ("short", "a" * 129, "with space" * 3, "at@" * 8):
            self.assertEqual(self.refusal(AuthToken=token), ("InvalidParameterValue", "Invalid AuthToken provided."))
        self.assertEqual(self.refusal(AuthTokenUpdateStrategy="DELETE")[0], "InvalidParameterValue")

    def test_the_first_token_by_rotate_admits_clients_without_one_until_set(self) -> None:
        self.create("open", TransitEncryptionEnabled=True)
        self.assertEqual(self.ask("PING", "AUTH x", group="open")[0], "+PONG")
        token = {"AuthToken": _NEW, "ReplicationGroupId": "open"}
        self.client.modify_replication_group(**token, AuthTokenUpdateStrategy="ROTATE")
        self.assertEqual(self.ask("PING", f"AUTH {_NEW}", group="open"), ["+PONG", "+OK"])
        self.client.modify_replication_group(**token, AuthTokenUpdateStrategy="SET")
        self.assertEqual(self.ask("PING", group="open"), ["-NOAUTH Authentication required."])

    def test_without_transit_encryption_there_is_no_tls(self) -> None:
        self.create("plain", Port=6380)
        self.assertEqual(self.address("plain")[1], 6380)
        self.assertEqual(self.ask("PING", group="plain", tls=False), ["+PONG"])

    def test_a_planted_refusal_leaves_the_old_token_and_is_over_after_one_call(self) -> None:
        fault = {"service": "elasticache", "operation": "ModifyReplicationGroup", "code": "InvalidParameterValue"}
        self.server.control("POST", "faults", fault)
        rotation = {"AuthToken": _NEW, "AuthTokenUpdateStrategy": "ROTATE"}
        self.assertEqual(self.refusal(**rotation)[0], "InvalidParameterValue")
        self.assertEqual(self.ask(f"AUTH {_NEW}", f"AUTH {_OLD}"), [_WRONGPASS, "+OK"])
        self.modify(**rotation)
        self.assertEqual(self.ask(f"AUTH {_NEW}"), ["+OK"])

    def test_nobody_answers_for_a_deleted_group(self) -> None:
        address = self.address()
        self.client.delete_replication_group(ReplicationGroupId="r")
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(address, timeout=60)
