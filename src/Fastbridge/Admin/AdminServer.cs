using System.Collections.Immutable;
using Fastbridge.Core.Config.Store;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fastbridge.Admin;

/// <summary>
/// Kestrel alone, with neither hosting nor routing around it: the features of a request go into the route table, an <see cref="Answer"/> comes out. Handlers run on
/// the pool; every fault, also one of ours, becomes an answer, and none reaches the bridge.
/// </summary>
internal sealed class AdminServer : IHttpApplication<IFeatureCollection>, IAsyncDisposable
{
    /// <summary>How long the end waits for answers under way; it must not eat into the drain.</summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromMilliseconds(300);

    private readonly AdminOptions _options;
    private readonly ImmutableArray<Route> _routes;
    private readonly ILogger _log;
    private readonly Access _access;
    private readonly AdminCounts _counts;
    private readonly WrongTokens _wrong;
    private readonly KestrelServer _server;

    public AdminServer(AdminOptions options, ImmutableArray<Route> routes, ILogger log, AdminCounts counts, TimeProvider time)
    {
        _options = options;
        _routes = routes;
        _log = log;
        _access = new Access(options);
        _counts = counts;
        _wrong = new WrongTokens(log, time);
        var connections = new AdminConnections(options.MaxConnections, counts);
        counts.Connections = () => connections.Count;
        var tls = options.Tls is { } certificate ? new TlsEnd(certificate, options.ReadTimeout, log) : null;
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = options.ReadTimeout;
        // Its own limit, 240 bytes a second, would end a slow body after 5 s and in words that are not ours; here ReadTimeout is for the whole body.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        kestrel.Listen(options.Endpoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            // The bound first: a handshake is a connection too.
            listen.Use(next => connection => connections.RunAsync(connection, next));
            if (tls is not null)
                listen.Use(next => connection => tls.RunAsync(connection, next));
        });
        // Kestrel's own log lines tell of clients' misdeeds, one a request; the client is told, and the log is not to be filled from outside.
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions { IOQueueCount = 1 }), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(kestrel), sockets, NullLoggerFactory.Instance);
    }

    /// <exception cref="IOException">The port is taken.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address is not of this machine, or the port not allowed.</exception>
    public Task StartAsync(CancellationToken cancellation) => _server.StartAsync(this, cancellation);

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(EndingTime);
        await _server.StopAsync(limit.Token).ConfigureAwait(false);
        _server.Dispose();
        _wrong.Dispose();
    }

    IFeatureCollection IHttpApplication<IFeatureCollection>.CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    void IHttpApplication<IFeatureCollection>.DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    async Task IHttpApplication<IFeatureCollection>.ProcessRequestAsync(IFeatureCollection context)
    {
        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        IHttpResponseFeature response = context.GetRequiredFeature<IHttpResponseFeature>();
        CancellationToken gone = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        AdminConnection connection = context.GetRequiredFeature<AdminConnection>();
        connection.Use();
        Answer answer;
        try
        {
            answer = await AnswerAsync(context, request, response.Headers, gone).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            return;
        }
        catch (BadRequestException e)
        {
            answer = Answer.Refused(e.Status, e.Message, Reasons.BadRequest);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            answer = Answer.Refused(e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? $"the body has more than {_options.MaxBodyBytes} bytes"
                : e.Message.TrimEnd('.'), Reasons.BadRequest);
        }
        catch (StoreException e)
        {
            answer = Answer.Refused(StatusCodes.Status200OK, e.Message, Reasons.Unavailable);
        }
        catch (Exception e)
        {
            AdminLog.Failed(_log, request.Method, request.Path, e);
            answer = Answer.Refused(StatusCodes.Status500InternalServerError, "a fault of fastbridge's own; its log says more", Reasons.Failed);
        }

        _counts.Count(answer.Status, answer.IsWrongToken);
        using IDisposable? held = answer.Held;
        response.StatusCode = answer.Status;
        if (answer.Status != StatusCodes.Status304NotModified)
        {
            response.Headers.ContentType = answer.ContentType;
            response.Headers.ContentLength = answer.Body.Length;
        }

        response.Headers.CacheControl = answer.IsAsset ? "no-cache" : "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // What is left of a body that was not read is not worth waiting for.
        if (answer.Status is StatusCodes.Status408RequestTimeout or StatusCodes.Status413PayloadTooLarge)
            response.Headers.Connection = "close";
        if (!HttpMethods.IsHead(request.Method) && !answer.Body.IsEmpty)
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(answer.Body, gone).ConfigureAwait(false);
        connection.IsAnswering = false;
        connection.Use();
    }

    private async Task<Answer> AnswerAsync(IFeatureCollection context, IHttpRequestFeature request, IHeaderDictionary answered, CancellationToken gone)
    {
        string method = HttpMethods.IsHead(request.Method) ? "GET" : request.Method;
        DashboardFile? file = method == "GET" ? Dashboard.Find(request.Path) : null;
        // The dashboard's files are the same for everyone, and a browser can send no token for a page; nor can a probe.
        bool isForAll = file is not null || IsProbe(request.Path);
        if ((isForAll ? _access.CheckSite(request.Headers) : _access.Check(request.Headers)) is { } refusal)
        {
            if (refusal.IsWrongToken)
                _wrong.Tell(context.Get<IHttpConnectionFeature>()?.RemoteIpAddress);
            if (refusal.Status == StatusCodes.Status401Unauthorized)
                answered.WWWAuthenticate = "Bearer";
            return Answer.Refused(refusal.Status, refusal.Reason, refusal.Status == StatusCodes.Status401Unauthorized ? Reasons.Unauthorized : Reasons.Forbidden) with { IsWrongToken = refusal.IsWrongToken };
        }

        // What everyone may have keeps no place: else whoever asks for it and does not read it could hold all.
        AdminConnection connection = context.GetRequiredFeature<AdminConnection>();
        connection.IsAnswering = !isForAll;
        connection.IsKnown |= !isForAll;

        if (file is not null)
            return Dashboard.Serve(file, request.Headers, answered);
        string? allowed = request.Path == Dashboard.PagePath && Dashboard.IsThere ? "GET, HEAD" : null;
        foreach (Route route in _routes)
        {
            if (route.Path != request.Path)
                continue;
            if (route.Method == method)
            {
                RequestValues values = route.IsChange
                    ? await BodyAsync(connection, request, route, gone).ConfigureAwait(false)
                    : RequestReader.Query(request.QueryString, route.Request, request.Headers.Accept.ToString());
                values.IsTrusted = !route.IsProbe || _access.IsTrusted(request.Headers);
                return await route.Handle(values, gone).ConfigureAwait(false);
            }

            allowed = route.IsChange ? "POST" : "GET, HEAD";
        }

        if (request.Path == Dashboard.PagePath && allowed is null)
            return Answer.Refused(StatusCodes.Status404NotFound, $"this fastbridge was built without its dashboard; build it where npm is. GET {RouteTable.DocumentPath} lists the API", Reasons.NotFound);
        if (allowed is null)
            return Answer.Refused(StatusCodes.Status404NotFound, $"there is nothing of that path; GET {RouteTable.DocumentPath} lists what is", Reasons.NotFound);
        answered.Allow = allowed;
        return Answer.Refused(StatusCodes.Status405MethodNotAllowed, $"{request.Path} takes {allowed}", Reasons.BadRequest);
    }

    private bool IsProbe(string path)
    {
        foreach (Route route in _routes)
        {
            if (route.IsProbe && route.Path == path)
                return true;
        }

        return false;
    }

    private async Task<RequestValues> BodyAsync(AdminConnection connection, IHttpRequestFeature request, Route route, CancellationToken gone)
    {
        if (request.QueryString.Length > 1)
            throw BadRequestException.Invalid(["a POST takes no query parameters; send a JSON body"]);
        ReadOnlySpan<char> type = request.Headers.ContentType.ToString();
        int parameters = type.IndexOf(';');
        // No other: a page of any site may make a browser post a form or plain text here, but not JSON.
        if (!(parameters < 0 ? type : type[..parameters]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw new BadRequestException("the body's type is not JSON; send it as Content-Type: application/json", StatusCodes.Status415UnsupportedMediaType);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(gone);
        limit.CancelAfter(_options.ReadTimeout);
        try
        {
            using var body = new MemoryStream();
            connection.IsAnswering = false;
            await request.Body.CopyToAsync(body, limit.Token).ConfigureAwait(false);
            connection.IsAnswering = true;
            return RequestReader.Body(body.GetBuffer().AsMemory(0, (int)body.Length), route.Request);
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            throw new BadRequestException($"the body did not come within {_options.ReadTimeout.TotalSeconds} s", StatusCodes.Status408RequestTimeout);
        }
        catch (IOException e) when (e is not Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            // What Kestrel finds malformed and does not call so: a chunk's size that no number holds.
            throw new BadRequestException($"the body cannot be read ({e.Message.TrimEnd('.')})");
        }
    }
}
