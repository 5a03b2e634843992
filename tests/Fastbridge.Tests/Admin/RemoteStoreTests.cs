using System.Net;
using System.Net.Sockets;
using System.Text;
using Fastbridge.Admin;
using Fastbridge.Cli;
using Fastbridge.Core;
using Fastbridge.Core.Config.Store;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Admin;

/// <summary><c>--server</c>: the store of a running bridge, through HTTP, behaves as the one on the file.</summary>
public class RemoteStoreTests : AdminTest
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task records_come_back_as_the_bridges_store_has_them_with_the_live_state()
    {
        StoredConnector full = FakeStore.Record("k\"1🏭") with { BrokerId = 3, TopicIds = ["a", "b,c"], FailureStrategy = """{"strategy":"discard"}""" };
        Store.Add(full);
        Store.Add(FakeStore.Record("k2", "t2") with { CreateTime = null, UpdateTime = null });
        Bridge.Status = Bridge.Status with { Connectors = [new ConnectorStatus("k2", ConnectorState.Error, "Kafka is away", FakeBridge.Start, "") { ClusterName = "t2" }] };
        using var remote = new RemoteStore(Server, null);
        StoreList list = await remote.ListAsync(Stop);
        Assert.Equal(Store.Revision, list.Revision);
        Assert.Equal(full with { TopicIds = list.Connectors[0].TopicIds }, list.Connectors[0]);
        Assert.Equal(["a", "b,c"], list.Connectors[0].TopicIds);
        Assert.Equal(("t2", "Error", "Kafka is away", null, "a/+/b"), (list.Connectors[1].ClusterName, list.Connectors[1].Status, list.Connectors[1].Why, list.Connectors[1].CreateTime, list.Connectors[1].TopicIds[0]));
    }

    [Fact]
    public async Task a_long_list_comes_whole_page_by_page()
    {
        Store.Add([.. Enumerable.Range(0, 2500).Select(i => $"k{i}")]);
        using var remote = new RemoteStore(Server, null);
        Assert.Equal(Store.Connectors.Select(c => c.Name), (await remote.ListAsync(Stop)).Connectors.Select(c => c.Name));
    }

    [Fact]
    public async Task every_change_round_trips_with_its_outcome_and_the_new_revision()
    {
        using var remote = new RemoteStore(Server, null);
        var draft = new ConnectorDraft { ClusterName = "t1", Name = "k", Type = "Kafka", Config = """{"topic":"t"}""", TopicIds = ["a", "b"], FailureStrategy = """{"strategy":"discard"}""" };
        StoreOutcome created = await remote.CreateAsync(draft, Stop);
        Assert.Equal((StoreResult.Done, Store.Revision), (created.Result, created.Revision));
        Assert.Equal(draft with { TopicIds = Store.LastDraft!.TopicIds }, Store.LastDraft);
        Assert.Equal(StoreResult.Exists, (await remote.CreateAsync(draft, Stop)).Result);
        StoreOutcome invalid = await remote.CreateAsync(draft with { Name = "k2", Type = "redis" }, Stop);
        Assert.Equal(StoreResult.Invalid, invalid.Result);
        Assert.Equal(["connector_type: must be Kafka", "and a second fault"], invalid.Faults);
        Assert.Equal(StoreResult.Conflict, (await remote.UpdateAsync(new ConnectorDraft { Name = "k", TopicIds = ["z"] }, "no such revision", Stop)).Result);
        Assert.True((await remote.UpdateAsync(new ConnectorDraft { Name = "k", TopicIds = ["z"] }, created.Revision, Stop)).IsDone);
        Assert.Equal("z", Assert.Single(Store.Connectors[0].TopicIds));
        Assert.True((await remote.SetEnabledAsync("t1", "k", false, null, Stop)).IsDone);
        Assert.Equal("Stopped", Store.Connectors[0].Status);
        Assert.True((await remote.SetEnabledAsync(null, "k", true, null, Stop)).IsDone);
        Assert.Equal(StoreResult.NotFound, (await remote.DeleteAsync("other", "k", null, Stop)).Result);
        Assert.True((await remote.DeleteAsync("t1", "k", null, Stop)).IsDone);
        Assert.Empty(Store.Connectors);
    }

    [Fact]
    public async Task a_bridge_that_cannot_read_its_file_says_so_through_it()
    {
        Store.Broken = new StoreException("connectors.json: cannot be read (permission denied)");
        using var remote = new RemoteStore(Server, null);
        Assert.Contains(Store.Broken.Message, (await Assert.ThrowsAsync<StoreException>(() => remote.ListAsync(Stop))).Message, StringComparison.Ordinal);
        Assert.Contains(Store.Broken.Message, (await Assert.ThrowsAsync<StoreException>(() => remote.DeleteAsync(null, "k", null, Stop))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_token_is_sent_and_a_wrong_one_is_told()
    {
        const string token = "0123456789abcdef0123";
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), token));
        using var right = new RemoteStore(Server, token);
        Assert.Empty((await right.ListAsync(Stop)).Connectors);
        using var wrong = new RemoteStore(Server, token + "x");
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => wrong.ListAsync(Stop));
        Assert.Contains(AdminOptions.TokenVariable, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(token, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", "neither a fastbridge nor a RobustMQ")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "neither a fastbridge nor a RobustMQ")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"code\":0,\"data\":[1]}", "neither a fastbridge nor a RobustMQ")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "HTTP 302")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "a RobustMQ only lists, creates and deletes")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "cannot be talked to")]
    [InlineData("", "cannot be talked to")]
    public async Task what_is_no_admin_api_is_told_in_one_line(string answer, string words)
    {
        using var server = new OneAnswer(answer);
        using var remote = new RemoteStore(server.Address, null);
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => remote.ListAsync(Stop));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.StartsWith(remote.Where, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("Connector k already exists", StoreResult.Exists)]
    [InlineData("Connector k not found", StoreResult.NotFound)]
    [InlineData("Parameter validation failed: Connector type must be kafka", StoreResult.Invalid)]
    public async Task a_robustmqs_refusal_has_words_only_and_they_are_kept(string words, StoreResult result)
    {
        string body = $$"""{"code":100,"data":"","error":"{{words}}"}""";
        using var server = new OneAnswer($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        using var remote = new RemoteStore(server.Address, null);
        StoreOutcome outcome = await remote.CreateAsync(new ConnectorDraft { Name = "k", Config = "{}", TopicIds = ["t"] }, Stop);
        Assert.Equal((result, words), (outcome.Result, Assert.Single(outcome.Faults)));
    }

    [Fact]
    public async Task a_server_that_is_away_or_silent_is_told_apart()
    {
        using var away = new RemoteStore(new Uri($"http://127.0.0.1:{Ports.Free()}"), null);
        Assert.Contains("refuses connections", (await Assert.ThrowsAsync<StoreException>(() => away.ListAsync(Stop))).Message, StringComparison.Ordinal);
        using var silent = new OneAnswer(null);
        using var remote = new RemoteStore(silent.Address, null, TimeSpan.FromMilliseconds(300));
        Assert.Contains("has not answered in time", (await Assert.ThrowsAsync<StoreException>(() => remote.ListAsync(Stop))).Message, StringComparison.Ordinal);
        using var stopped = new CancellationTokenSource();
        using var patient = new RemoteStore(silent.Address, null);
        Task<StoreList> asked = patient.ListAsync(stopped.Token);
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Theory]
    [InlineData("127.0.0.1:58080", "http://127.0.0.1:58080/")]
    [InlineData("gateway:1", "http://gateway:1/")]
    [InlineData("gateway:80", "http://gateway/")]
    [InlineData("[::1]:58080", "http://[::1]:58080/")]
    [InlineData("http://gateway:58080", "http://gateway:58080/")]
    [InlineData("https://gateway/", "https://gateway/")]
    public void an_address_is_host_and_port_or_a_url(string text, string uri) => Assert.Equal(new Uri(uri), RemoteStore.Address(text));

    [Theory]
    [InlineData("127.0.0.1:58080", "http://127.0.0.1:58080/")]
    [InlineData("localhost:58080", "http://localhost:58080/")]
    [InlineData("gateway:58080", "https://gateway:58080/")]
    [InlineData("gateway:80", "https://gateway:80/")]
    [InlineData("http://gateway:58080", "http://gateway:58080/")]
    public void a_token_goes_to_another_host_by_https_unless_http_was_written(string text, string uri) => Assert.Equal(new Uri(uri), RemoteStore.Address(text, withToken: true));

    [Theory]
    [InlineData("")]
    [InlineData("gateway")]
    [InlineData("gateway:")]
    [InlineData("gateway:x")]
    [InlineData("gateway:0")]
    [InlineData("ftp://gateway:1")]
    [InlineData("http://user:secret@gateway:1")]
    [InlineData("http://gateway:1/path")]
    [InlineData("http://")]
    public void what_is_neither_is_told(string text) =>
        Assert.Contains("HOST:PORT", Assert.Throws<SettingsException>(() => RemoteStore.Address(text)).Message, StringComparison.Ordinal);

    /// <summary>Gives every connection the same bytes after its request and closes it; null: stays silent.</summary>
    private sealed class OneAnswer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public OneAnswer(string? answer)
        {
            _listener.Start();
            _ = ServeAsync(answer);
        }

        public Uri Address => new($"http://{_listener.LocalEndpoint}");

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(string? answer)
        {
            var held = new List<TcpClient>();
            try
            {
                while (true)
                {
                    TcpClient client = await _listener.AcceptTcpClientAsync();
                    held.Add(client);
                    if (answer is null) continue;
                    _ = await client.GetStream().ReadAsync(new byte[65536]);
                    await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(answer));
                    client.Client.Shutdown(SocketShutdown.Send);
                }
            }
            catch (Exception e) when (e is SocketException or IOException or InvalidOperationException)
            {
                held.ForEach(c => c.Dispose());
            }
        }
    }
}
