using System.Net.Sockets;
using Fastbridge.Core;
using Fastbridge.Core.Config.Store;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Admin;

/// <summary>The admin API beside a running bridge. The bridge never depends on it: where it cannot listen, that is said and the bridge goes on without.</summary>
internal sealed class AdminHost : IAsyncDisposable
{
    private readonly AdminServer? _server;
    private readonly History? _history;

    private AdminHost(AdminServer? server, History? history, AdminCounts? counts) => (_server, _history, Counts) = (server, history, counts);

    /// <summary>False where none was asked for, or where the address could not be had.</summary>
    public bool IsListening => _server is not null;

    /// <summary>What came to it; null where it does not listen.</summary>
    public AdminCounts? Counts { get; }

    /// <param name="options">Null: no admin API.</param>
    /// <param name="store">Where changes go. Not disposed.</param>
    /// <param name="bridge">Asked for its status, and told of changes. Not disposed.</param>
    /// <param name="time">Null: the system's.</param>
    /// <param name="notLive">Why the process should be ended and started anew; null, or null from it: it should not.</param>
    public static async Task<AdminHost> StartAsync(AdminOptions? options, IConnectorStore store, IBridgeControl bridge, ILoggerFactory loggers, TimeProvider? time = null, Func<string?>? notLive = null)
    {
        if (options is null)
            return new AdminHost(null, null, null);
        ILogger log = loggers.CreateLogger("fastbridge.admin");
        ReadOnlyMemory<byte> document = default;
        time ??= TimeProvider.System;
        var counts = new AdminCounts();
        var history = new History(bridge, log, time);
        var routes = RouteTable.Create(new ConnectorCalls(store, bridge, log), new StatusCall(bridge), new Metrics.MetricsCall(bridge, counts), new LookCalls(bridge, history, log), new Health.HealthCall(bridge, notLive ?? (static () => null)), () => document);
        document = OpenApi.Document(routes, options.Token is not null);
        if (options.IsPlainBeyondLoopback)
            AdminLog.IsPlain(log, options.Endpoint.ToString());
        var server = new AdminServer(options, routes, log, counts, time);
        try
        {
            await server.StartAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            history.Dispose();
            await server.DisposeAsync().ConfigureAwait(false);
            // The outer exception says the same around the cause, with a full stop within.
            AdminLog.NotListening(log, options.Endpoint.ToString(), (e.GetBaseException() as SocketException ?? e).Message.TrimEnd('.'));
            return new AdminHost(null, null, null);
        }

        AdminLog.Listening(log, Dashboard.IsThere ? "admin API and dashboard" : "admin API", $"{options.Scheme}://{options.Endpoint}", options.Token is null ? "" : ", with a token");
        return new AdminHost(server, history, counts);
    }

    public ValueTask DisposeAsync()
    {
        _history?.Dispose();
        return _server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}

/// <summary>Log lines of the admin API, ids 4100 to 4199.</summary>
internal static partial class AdminLog
{
    [LoggerMessage(4100, LogLevel.Information, "{What} on {Address}{Token}")]
    public static partial void Listening(ILogger log, string what, string address, string token);

    [LoggerMessage(4101, LogLevel.Warning, "no admin API: {Address} cannot be listened on ({Reason}); the bridge runs without it; choose another with --admin HOST:PORT or none with --no-admin")]
    public static partial void NotListening(ILogger log, string address, string reason);

    [LoggerMessage(4102, LogLevel.Information, "connector {Name} was {What} through the admin API")]
    public static partial void Changed(ILogger log, string name, string what);

    [LoggerMessage(4103, LogLevel.Warning, "connector {Name} was {What} in the file; the bridge has not applied it within {Seconds} s, and goes on applying it")]
    public static partial void ApplyIsSlow(ILogger log, string name, string what, double seconds);

    [LoggerMessage(4104, LogLevel.Error, "admin API: {Method} {Path} failed by a fault of fastbridge's own; please report it")]
    public static partial void Failed(ILogger log, string method, string path, Exception exception);

    [LoggerMessage(4105, LogLevel.Information, "connector {Name}: somebody looks at its records through the admin API")]
    public static partial void RecordsLookedAt(ILogger log, string name);

    [LoggerMessage(4106, LogLevel.Error, "admin API: the dashboard's history has a gap by a fault of fastbridge's own; please report it")]
    public static partial void HistoryFailed(ILogger log, Exception exception);

    [LoggerMessage(4107, LogLevel.Warning, "admin API: {Address} can be reached from other machines and speaks plain HTTP, as --admin-insecure says; without a TLS proxy before it the token can be read on the way")]
    public static partial void IsPlain(ILogger log, string address);

    [LoggerMessage(4108, LogLevel.Information, "admin API: {File} was read again; new connections get its certificate, which is valid until {Until:yyyy-MM-dd HH:mm} UTC")]
    public static partial void CertificateRead(ILogger log, string file, DateTime until);

    [LoggerMessage(4109, LogLevel.Warning, "admin API: the certificate from before stays in use, as its files have changed and are not good ({Reason})")]
    public static partial void CertificateKept(ILogger log, string reason);

    [LoggerMessage(4110, LogLevel.Warning, "admin API: a request from {Address} came with a wrong token")]
    public static partial void WrongToken(ILogger log, string address);

    [LoggerMessage(4111, LogLevel.Warning, "admin API: {Count} more requests came with a wrong token within a minute, the last one from {Address}")]
    public static partial void WrongTokens(ILogger log, long count, string address);
}
