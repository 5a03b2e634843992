using System.Net.Sockets;

namespace Fastbridge.Mqtt.Transport;

/// <summary>What went wrong with a network connection, as an operator wants to read it: one line, with the remedy where one is known.</summary>
internal static class Reasons
{
    /// <summary>Why no connection came about.</summary>
    public static string OfConnect(Exception fault) => fault is not SocketException socket ? OneLine(fault) : socket.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused; is the broker running there?",
        SocketError.HostNotFound or SocketError.NoData => "no such host name; check the spelling, and that DNS works",
        SocketError.TryAgain => "the name server does not answer; check that DNS works",
        SocketError.TimedOut => "no answer; check the address, and that no firewall drops the connection",
        SocketError.HostUnreachable or SocketError.HostDown => "the host cannot be reached; check the address and the route to it",
        SocketError.NetworkUnreachable or SocketError.NetworkDown => "the network cannot be reached; is the uplink there?",
        SocketError.TooManyOpenSockets => "out of file descriptors; raise the limit (ulimit -n, LimitNOFILE)",
        SocketError.AccessDenied => "not permitted; a firewall on this host forbids it",
        SocketError.AddressNotAvailable => "no local address or port is free for it",
        _ => OneLine(fault),
    };

    /// <summary>Why a connection that stood has ended.</summary>
    public static string OfConnection(Exception fault)
    {
        SocketException? socket = fault as SocketException ?? fault.InnerException as SocketException;
        return socket?.SocketErrorCode switch
        {
            SocketError.ConnectionReset => "connection reset by the server or on the way",
            SocketError.Shutdown or SocketError.ConnectionAborted => "the server closed the connection",
            SocketError.TimedOut => "connection timed out: the network does not deliver what is sent",
            SocketError.HostUnreachable or SocketError.HostDown => "the host cannot be reached any more",
            SocketError.NetworkUnreachable or SocketError.NetworkDown => "the network is gone",
            _ => OneLine(fault),
        };
    }

    /// <summary>Keeps an exception's text to one line.</summary>
    public static string OneLine(Exception fault) => fault.Message.ReplaceLineEndings(" ").Trim();
}
