using System.Net;
using System.Text;
using System.Text.Json;
using Fastbridge.Admin;
using Fastbridge.Tests.Mqtt.Client;
using Fastbridge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Tests.Admin;

/// <summary>A real server on a free port, on a store and a bridge in memory.</summary>
public abstract class AdminTest : IAsyncLifetime
{
    protected const string Base = "/api/cluster/connector/";

    private AdminHost? _host;

    /// <summary>Why the process is not live; null: it is.</summary>
    protected string? NotLive { get; set; }

    private protected FakeStore Store { get; } = new();

    private protected FakeBridge Bridge { get; } = new();

    /// <summary>The history's clock.</summary>
    private protected ManualTime Time { get; } = new();

    private protected LogLines Log { get; } = new();

    private protected AdminOptions Options { get; private set; } = AdminOptions.Create($"127.0.0.1:{Ports.Free()}", null);

    protected HttpClient Http { get; private set; } = new();

    protected Uri Server => new($"{Options.Scheme}://{Options.Endpoint}");

    /// <summary>What requests go through.</summary>
    protected virtual HttpMessageHandler NewHandler() => new SocketsHttpHandler();

    public virtual async ValueTask InitializeAsync()
    {
        for (int attempt = 1; !await TryStartAsync(Options); attempt++)
        {
            // Another process took the port between the choice and the use.
            Assert.True(attempt < 5, $"the API does not start; the last port was {Options.Endpoint.Port}");
            Options = AdminOptions.Create($"127.0.0.1:{Ports.Free()}", null);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_host is not null) await _host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts it anew, with other options on the same port.</summary>
    private protected async Task StartAsync(AdminOptions options) => Assert.True(await TryStartAsync(options), "the port was taken by another process meanwhile");

    private async Task<bool> TryStartAsync(AdminOptions options)
    {
        if (_host is not null) await _host.DisposeAsync();
        Options = options;
        _host = await AdminHost.StartAsync(options, Store, Bridge, Log, Time, () => NotLive);
        Http.Dispose();
        Http = new HttpClient(NewHandler()) { BaseAddress = Server };
        return _host.IsListening;
    }

    protected async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path) => await ReadAsync(await Http.GetAsync(path, TestContext.Current.CancellationToken));

    /// <param name="path">The last part of it, or a whole path.</param>
    protected async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body, string type = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return await ReadAsync(await Http.PostAsync(path.StartsWith('/') ? path : Base + path, content, TestContext.Current.CancellationToken));
    }

    protected static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
            return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).RootElement);
        }
    }

    /// <summary>Sends bytes as they stand; what comes back until the server closes.</summary>
    protected Task<string> RawAsync(string text, bool finish = false) => RawHttp.ExchangeAsync(Options.Endpoint, Encoding.Latin1.GetBytes(text), finish);

    /// <summary>The fault of an answer, which must have RobustMQ's shape.</summary>
    protected static string FaultOf(JsonElement body)
    {
        Assert.Equal(100, body.GetProperty("code").GetInt32());
        Assert.Equal("", body.GetProperty("data").GetString());
        Assert.Equal(body.GetProperty("error").GetString(), body.GetProperty("message").GetString());
        Assert.DoesNotContain('\n', body.GetProperty("error").GetString()!);
        return body.GetProperty("error").GetString()!;
    }

    /// <summary>That a change was done, in RobustMQ's shape.</summary>
    protected static void AssertDone((HttpStatusCode Status, JsonElement Body) answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal((0, "success", JsonValueKind.Null), (answer.Body.GetProperty("code").GetInt32(), answer.Body.GetProperty("data").GetString(), answer.Body.GetProperty("error").ValueKind));
    }

    /// <summary>Nothing was changed, and the next one is served.</summary>
    protected async Task AssertUnhurtAsync()
    {
        Assert.Equal((0, 0), (Store.Connectors.Length, Bridge.Reloads));
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                using var http = new HttpClient(NewHandler()) { BaseAddress = Server };
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Base + "list", TestContext.Current.CancellationToken)).StatusCode);
                return;
            }
            catch (HttpRequestException) when (attempt < 600)
            {
                // Connections that were just closed may still be counted.
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    private protected sealed class LogLines : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public string[] Lines
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}");
        }

        public void Dispose()
        {
        }
    }
}
